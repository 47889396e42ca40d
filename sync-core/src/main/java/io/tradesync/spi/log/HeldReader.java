package io.tradesync.spi.log;

import io.tradesync.spi.HeldTrade;
import java.util.List;

/** Reads what a sink holds; see {@link LogTransaction#adopt}. */
@FunctionalInterface
public interface HeldReader {

  /**
   * Reads the rows at the keys that were locked.
   *
   * @throws Exception to have everything rolled back
   */
  List<HeldTrade> read() throws Exception;
}
