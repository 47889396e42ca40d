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
 * <p>The rules about pages, and about reading by id:
 *
 * <ul>
 *   <li>A page is the first trades of its range, in key order, and it says whether it is the last.
 *   <li>Pages one after the other give each trade once, also within one second.
 *   <li>A range leaves its lower bound out and holds its upper one.
 *   <li>Ids of any letters sort by their bytes in UTF-8.
 *   <li>Nulls and large numbers come as they are, up to 2^256-1.
 *   <li>Pages and keys are the first over all ranges.
 *   <li>Rows of one key are never divided between pages.
 *   <li>{@code byIds} gives what exists, once and in key order.
 *   <li>An id that no trade can have is not found, such as one that the source cannot encode, and
 *       {@code byIds} does not fail on it.
 * </ul>
 *
 * <p>The rules about digests:
 *
 * <ul>
 *   <li>Digests are those of the trades themselves: count, and sum of fingerprints.
 *   <li>Buckets are counted from the first second of the range, also before 1970.
 *   <li>Ranges are digested each as a whole.
 *   <li>A sum of fingerprints wraps round at 2^64.
 * </ul>
 *
 * <p>The rules about {@linkplain TradeSource#only a part} of the source:
 *
 * <ul>
 *   <li>A part holds the trades of its chains and pools, and no other.
 *   <li>A part counts and digests its trades only.
 *   <li>A part of a part holds no more.
 * </ul>
 *
 * <p>The rules about bounds, and about the source as a whole:
 *
 * <ul>
 *   <li>An empty source has nothing: no bounds and no trades, but an answer to its probe.
 *   <li>Pools are no part of the content, and keep the order.
 *   <li>More than a page is counted, and its last key found.
 *   <li>Every call sees the source as it is at that moment.
 *   <li>Many threads can ask at once.
 *   <li>What it cannot tell is empty, and never null.
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
