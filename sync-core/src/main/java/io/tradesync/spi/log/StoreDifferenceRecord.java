package io.tradesync.spi.log;

import io.tradesync.StoreDifferences.SubRange;
import java.util.List;

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
        public void replace(List<SubRange> found) {}

        @Override
        public List<SubRange> list() {
          return List.of();
        }

        @Override
        public long count() {
          return 0;
        }
      };

  /** Records what an audit of everything found, in place of what was recorded before. */
  void replace(List<SubRange> found);

  /** Returns what is recorded, in order. */
  List<SubRange> list();

  /** Returns how many rows of trades and how many candles differ, as of the last audit. */
  long count();
}
