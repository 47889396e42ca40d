package io.tradesync.internal.write;

import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what follows from what a sink declares that it can do. */
public final class DeclaredCapabilities {

  private static final Logger LOG = LoggerFactory.getLogger(DeclaredCapabilities.class);

  private DeclaredCapabilities() {}

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
