package io.tradesync.internal.plan;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.internal.compare.Findings;
import io.tradesync.spi.Finality;
import io.tradesync.spi.log.SubRanges;
import java.util.List;

/**
 * Which sub-ranges are verified once a run has repaired the gaps in them.
 *
 * @param range the verified range, up to the end of its last sub-range; empty if a run settles
 *     nothing
 * @param left the ranges in which gaps stay, in key order
 * @param finality by which the range was judged
 */
public record Settlement(KeyRange range, List<KeyRange> left, Finality finality) {

  static final Settlement NOTHING =
      new Settlement(new KeyRange(TradeKey.MIN, TradeKey.MIN), List.of(), Finality.none());

  public Settlement {
    left = List.copyOf(left);
  }

  static Settlement of(Verified verified, Findings findings, Finality finality) {
    return new Settlement(
        through(verified.throughEpochSecond()), findings.notPlanned().knownAndRest(), finality);
  }

  /** Of a force, which writes whatever is in the whole sub-ranges of a range again. */
  static Settlement ofForce(KeyRange forced, Finality finality) {
    if (finality.epochSecond().isEmpty()) {
      return NOTHING;
    }
    TradeKey end = forced.upTo().isBefore(finality.end()) ? forced.upTo() : finality.end();
    KeyRange whole =
        new KeyRange(
            firstWhole(forced.after()), TradeKey.startOf(SubRanges.start(end.epochSecond())));
    return whole.isEmpty() ? NOTHING : new Settlement(whole, List.of(), finality);
  }

  /** The start of the first sub-range that has no key up to another one. */
  private static TradeKey firstWhole(TradeKey after) {
    if (after.equals(TradeKey.MIN)) {
      return after;
    }
    TradeKey start = TradeKey.startOf(SubRanges.start(after.epochSecond()));
    return start.equals(after) ? start : TradeKey.startOf(start.epochSecond() + SubRanges.SECONDS);
  }

  private static KeyRange through(long epochSecond) {
    long start = SubRanges.start(epochSecond);
    return new KeyRange(TradeKey.MIN, TradeKey.startOf(start + SubRanges.SECONDS));
  }

  /** The part that is final also by a later answer of the source. */
  KeyRange finalPart(Finality later) {
    Finality both = finality.and(later);
    return both.equals(finality)
        ? range
        : range.upTo(TradeKey.startOf(SubRanges.start(both.end().epochSecond())));
  }
}
