package io.tradesync.internal.work;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.internal.compare.ComparisonPart;
import io.tradesync.internal.compare.ComparisonTerms;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanTerms;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import java.io.Serializable;
import java.util.List;

/** What an order asks for, and its units. */
public sealed interface Task extends Serializable {

  /** The lease of the coordinator, and the trades that its run is about. */
  Lease lease();

  /**
   * For whom the work is done.
   *
   * @param token commits only while the coordinator holds its lease
   * @param selection the trades that the run is about
   */
  record Lease(FencingToken token, TradeSelection selection) implements Serializable {}

  /** Compares parts; each unit is a {@link ComparisonPart}. */
  record Compare(Lease lease, ComparisonTerms terms) implements Task {}

  /**
   * Repairs ranges; each unit is some {@link Pieces}.
   *
   * @param scope which trades count
   * @param repaired the kinds of gap that are written
   * @param everything whether all trades of the source are written, gaps or not
   * @param orphans decides which orphans are retracted
   * @param keptBelow the key below which processed trades that vanished are kept
   */
  record Repair(
      Lease lease,
      ClaimMode mode,
      KeyRange scope,
      GapSelection repaired,
      boolean everything,
      OrphanTerms orphans,
      TradeKey keptBelow)
      implements Task {}

  /**
   * A part of a planned range.
   *
   * @param of the place of the whole range among the planned ones
   * @param part the part; its counts are a share of what was planned for the whole
   */
  record Piece(int of, PlannedRange part) implements Serializable {}

  /** The ranges of a unit, in key order. */
  record Pieces(List<Piece> pieces) implements Serializable {
    public Pieces {
      pieces = List.copyOf(pieces);
    }

    public List<PlannedRange> ranges() {
      return pieces.stream().map(Piece::part).toList();
    }

    /** The key after which the unit begins. */
    public TradeKey from() {
      return pieces.get(0).part().range().after();
    }

    /** The key up to which everything is repaired once the units up to this one are finished. */
    public TradeKey through() {
      return pieces.get(pieces.size() - 1).part().range().upTo();
    }
  }
}
