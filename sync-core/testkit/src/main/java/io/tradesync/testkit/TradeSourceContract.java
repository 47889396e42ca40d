package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.spi.TradeSource;
import java.util.Collection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/**
 * What {@link TradeSource} promises, as tests. To prove a source, extend this class and say how to
 * make one and how trades get into it and out of it.
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
