package io.tradesync.spi.log;

import io.tradesync.StoreDifferences.SubRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records the sub-ranges in which the last audit found that the sink does not hold what the log
 * says, until a run has repaired them; see {@link LogTransaction#storeRepaired}. Used by many
 * threads at once.
 */
public interface StoreDifferenceRecord {

  /** Records nothing, so that no run repairs what only an audit can find. */
  StoreDifferenceRecord NONE =
      new StoreDifferenceRecord() {
        @Override
        public void replace(List<SubRange> found, Duration ago) {}

        @Override
        public List<SubRange> list() {
          return List.of();
        }

        @Override
        public Known known() {
          return Known.NOTHING;
        }
      };

  /**
   * Records what an audit of everything found, in place of what was recorded before.
   *
   * @param ago how long ago the audit began to read what it compared
   */
  void replace(List<SubRange> found, Duration ago);

  /** Returns what is recorded, in order. */
  List<SubRange> list();

  /** Returns how much differs. */
  Known known();

  /**
   * What differs, as of the last audit.
   *
   * @param differing how many rows of trades and how many candles
   * @param asOf when that audit began to read, by the log's clock; null if there was none
   */
  record Known(long differing, @Nullable Instant asOf) {

    /** Nothing, since no audit has looked yet. */
    public static final Known NOTHING = new Known(0, null);
  }
}
