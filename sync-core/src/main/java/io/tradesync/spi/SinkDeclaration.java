package io.tradesync.spi;

import io.tradesync.InvalidSettingException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks what a sink declares. */
public final class SinkDeclaration {

  private SinkDeclaration() {}

  /**
   * Returns what a sink declares that it can do.
   *
   * @throws InvalidSettingException if that is null, or no sink can work with it; names the sink
   */
  public static Set<SinkCapability> capabilities(AnalyticsSink sink) {
    @Nullable Set<SinkCapability> declared = sink.capabilities();
    if (declared == null || !declared.contains(SinkCapability.INSERT)) {
      throw new InvalidSettingException(
          "sink",
          sink.getClass().getName() + " with the capabilities " + declared,
          "must have capabilities() that contain INSERT");
    }
    return Set.copyOf(declared);
  }
}
