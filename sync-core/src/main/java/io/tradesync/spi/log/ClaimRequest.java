package io.tradesync.spi.log;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import java.util.List;
import java.util.Set;

/**
 * What is to be claimed in one transaction of the log.
 *
 * @param trades trades to be recorded as processed, in key order, each key and each id once
 * @param retractions keys to be recorded as retracted, in key order; none of them is a trade's key
 * @param mode how far the claim may go against what the log holds
 * @param capabilities what the sink can do; a change that needs more is disputed
 * @param runId the run; empty for the live path
 * @param revisions whether the changes get revisions; if not, they have revision 0
 */
public record ClaimRequest(
    List<Trade> trades,
    List<TradeKey> retractions,
    ClaimMode mode,
    Set<SinkCapability> capabilities,
    String runId,
    boolean revisions) {

  /** Copies the lists. */
  public ClaimRequest {
    trades = List.copyOf(trades);
    retractions = List.copyOf(retractions);
    capabilities = Set.copyOf(capabilities);
  }

  /** Creates a request for a sink that uses no revisions. */
  public ClaimRequest(
      List<Trade> trades,
      List<TradeKey> retractions,
      ClaimMode mode,
      Set<SinkCapability> capabilities,
      String runId) {
    this(trades, retractions, mode, capabilities, runId, false);
  }
}
