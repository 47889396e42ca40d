package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.spi.TradeSource;
import java.util.Collection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/**
 * What {@link TradeSource} promises, as tests. To prove a source, extend this class and say how to
 * make one and how trades get into it and out of it.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>A page holds the first trades of its range in key order, and says whether it is the last
 *       one. Pages one after the other give each trade once, also within one second, and also over
 *       several ranges.
 *   <li>A range leaves its lower bound out and holds its upper one.
 *   <li>Ids sort by their bytes in UTF-8, whatever letters they have.
 *   <li>Nulls and numbers up to 2^256-1 come as they are.
 *   <li>{@code byIds} gives what exists, once and in key order. It does not find an id that no
 *       trade can have, such as one that the source cannot encode, and it does not fail on it.
 *   <li>Digests are those of the trades themselves: count, and sum of fingerprints modulo 2^64.
 *       Buckets are counted from the first second of the range, also before 1970; each of several
 *       ranges is digested as a whole.
 *   <li>A {@linkplain TradeSource#only part} of the source holds, counts and digests the trades of
 *       its chains and pools, and no other; a part of a part holds no more.
 *   <li>An empty source has no bounds, counts nothing and answers its probe. Counts and bounds hold
 *       also for more than a page.
 *   <li>Pools are no part of a trade's content, and reading them keeps the order.
 *   <li>Every call sees the source as it is at that moment, and many threads can ask at once.
 *   <li>What the source cannot tell is empty, and never null.
 * </ul>
 *
 * <p>{@link CompleteTradeSourceContract} adds the rules of a source that can hold rows that are no
 * trades.
 */
public abstract class TradeSourceContract {

  /** The second that the trades of these tests begin at. */
  protected static final long T = 1_754_400_000L;

  TradeSource source;

  /** For subclasses. */
  protected TradeSourceContract() {}

  /**
   * Makes an empty source; called before each test.
   *
   * @return a source that {@link TradeSource#prepare()} was not yet called on
   * @throws Exception to fail the test
   */
  protected abstract TradeSource emptySource() throws Exception;

  /**
   * Puts trades in where the source reads from; visible when this returns.
   *
   * @param trades the trades, in any order; no id is there already
   * @throws Exception to fail the test
   */
  protected abstract void put(Collection<Trade> trades) throws Exception;

  /**
   * Takes a trade out; gone when this returns.
   *
   * @param id a trade that is there
   * @throws Exception to fail the test
   */
  protected abstract void remove(String id) throws Exception;

  /**
   * Puts a further row of a key in, beside the one that is there, as a view without a primary key
   * can hold it; visible when this returns. A source that can hold two rows of one key overrides
   * this, and is then tested with such rows.
   *
   * @param trade a trade of a key that is there, with another price
   * @return false if the source cannot hold two rows of one key, as by default
   * @throws Exception to fail the test
   */
  protected boolean putBeside(Trade trade) throws Exception {
    return false;
  }

  @BeforeEach
  void make() throws Exception {
    source = emptySource();
    source.prepare();
  }

  @Nested
  class Pages extends SourcePageContract {
    Pages() {
      super(TradeSourceContract.this);
    }
  }

  @Nested
  class Digests extends SourceDigestContract {
    Digests() {
      super(TradeSourceContract.this);
    }
  }

  @Nested
  class Selections extends SourceSelectionContract {
    Selections() {
      super(TradeSourceContract.this);
    }
  }

  @Nested
  class Bounds extends SourceBoundsContract {
    Bounds() {
      super(TradeSourceContract.this);
    }
  }
}
