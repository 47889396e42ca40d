package io.tradesync.spi.log;

import io.tradesync.Trade;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a {@link ClaimRequest}. A trade that is neither known nor disputed was claimed.
 *
 * @param changes what the sink has to do, in key order: one change for each trade that was claimed,
 *     a {@link TradeChange.Retract} for each retraction of an entry that was processed, and one for
 *     the old key of a moved trade whose new key the log held as processed already
 * @param known trades that are processed already with the same content, in key order
 * @param disputed trades that contradict the log, so that the source must decide, in key order; see
 *     {@link ClaimRules}
 */
public record Claim(List<TradeChange> changes, List<Trade> known, List<Trade> disputed) {

  /** Copies the lists. */
  public Claim {
    changes = List.copyOf(changes);
    known = List.copyOf(known);
    disputed = List.copyOf(disputed);
  }

  /**
   * Returns the same claim with revisions for the changes that have none, one after the other.
   * Those of the retractions come first, so that an id that is retracted at one key and written at
   * another ends as written.
   *
   * @param first the first revision; greater than all revisions that these ids had before
   */
  public Claim withRevisions(long first) {
    List<TradeChange> revised = new ArrayList<>(changes);
    long next = first;
    for (boolean retractions : new boolean[] {true, false}) {
      for (int i = 0; i < revised.size(); i++) {
        TradeChange change = revised.get(i);
        if (change.revision() == 0 && change.after().isEmpty() == retractions) {
          revised.set(i, change.withRevision(next++));
        }
      }
    }
    return new Claim(revised, known, disputed);
  }
}
