package io.tradesync.internal.write;

import io.tradesync.InvalidSettingException;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks what a sink declares that it can do. */
public final class DeclaredCapabilities {

  private static final Logger LOG = LoggerFactory.getLogger(DeclaredCapabilities.class);

  private DeclaredCapabilities() {}

  /**
   * Returns what a sink declares.
   *
   * @throws InvalidSettingException if that is null, or no sink can work with it; names the sink
   */
  public static Set<SinkCapability> of(AnalyticsSink sink) {
    @Nullable Set<SinkCapability> declared = sink.capabilities();
    if (declared == null || !declared.contains(SinkCapability.INSERT)) {
      throw new InvalidSettingException(
          "sink",
          sink.getClass().getName() + " with the capabilities " + declared,
          "must have capabilities() that contain INSERT");
    }
    return Set.copyOf(declared);
  }

  /** Says what a sink without some capability will see after a reorganisation. */
  public static void tellWhatStaysOpen(AnalyticsSink sink) {
    if (sink.capabilities().equals(Set.of(SinkCapability.INSERT))) {
      LOG.info(
          "the sink {} declares inserts only: after the first reorganisation, trades that changed"
              + " or vanished stay gaps that no run closes, and the sink can hold a moved id twice",
          sink.getClass().getName());
    }
  }
}
