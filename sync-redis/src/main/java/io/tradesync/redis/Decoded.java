package io.tradesync.redis;

import io.tradesync.Trade;
import io.tradesync.spi.Hint;
import java.util.Objects;

/** The meaning of a stream entry. */
public sealed interface Decoded {

  /** The entry carries the trade itself, which is written as it is. */
  record Whole(Trade trade) implements Decoded {
    /** Refuses null. */
    public Whole {
      Objects.requireNonNull(trade, "trade");
    }
  }

  /** The entry says that there is a new trade, which is read from the source. */
  record Hinted(Hint hint) implements Decoded {
    /** Refuses null. */
    public Hinted {
      Objects.requireNonNull(hint, "hint");
    }
  }
}
