package io.tradesync.internal.work;

import io.tradesync.FailedTrade;
import io.tradesync.internal.compare.Findings;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a worker answers about a unit. */
public sealed interface UnitResult extends Serializable {

  /** How many trades were compared or written. */
  default long trades() {
    return 0;
  }

  /** Why it did not reach its end; null if it did. */
  default @Nullable Throwable failure() {
    return null;
  }

  /** A part was compared. */
  record Compared(Findings findings) implements UnitResult {
    @Override
    public long trades() {
      return findings.trades();
    }
  }

  /**
   * Ranges were repaired, to the end unless it failed or was stopped.
   *
   * @param counts what was committed
   * @param marked some of the trades that failed and were marked, at most {@link #MAX_MARKED}
   * @param read what both sides held when the ranges were read to their end, in their order
   * @param left the seconds at which the sub-ranges begin in which a gap was left; null if it may
   *     be left anywhere
   * @param stopped whether it was asked to stop, and batches are left
   * @param failure why it ended early; null if it did not
   */
  record Repaired(
      Counts counts,
      List<FailedTrade> marked,
      List<Read> read,
      @Nullable List<Long> left,
      boolean stopped,
      @Nullable Throwable failure)
      implements UnitResult {

    /** As many failed trades a unit are told one by one. */
    public static final int MAX_MARKED = 1_000;

    public Repaired {
      marked = List.copyOf(marked);
      read = List.copyOf(read);
      left = left == null ? null : List.copyOf(left);
    }

    @Override
    public long trades() {
      return counts.written();
    }

    /** Whether every batch of the unit is finished. */
    public boolean isFinished() {
      return !stopped && failure == null;
    }
  }

  /** The batches of a unit, and what became of their repairs. */
  record Counts(long batches, long written, long known, long failed, long disputed)
      implements Serializable {

    /** Of no batch. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    /** Returns the sums. */
    public Counts plus(Counts other) {
      return new Counts(
          batches + other.batches,
          written + other.written,
          known + other.known,
          failed + other.failed,
          disputed + other.disputed);
    }
  }

  /**
   * A range was read to its end.
   *
   * @param repairs how many repairs were due then
   * @param trades how many trades the source had there then
   */
  record Read(long repairs, long trades) implements Serializable {}

  /** The run was asked to stop. */
  record Stopped() implements UnitResult {}

  /** Nothing is told but the failure. */
  record Failed(Throwable failure) implements UnitResult {}
}
