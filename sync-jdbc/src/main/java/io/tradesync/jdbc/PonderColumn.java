package io.tradesync.jdbc;

import java.util.Locale;

/** A column of Ponder's table of trades, whose name a setting can change. */
public enum PonderColumn {
  /** The trade's id: text. */
  ID,
  /** The chain: a whole number. */
  CHAIN_ID,
  /** The price: any exact number, or null. */
  PRICE,
  /** The quantity: any exact number, or null. */
  QUANTITY,
  /** The time in epoch seconds: a whole number. A row without it has no key. */
  TIMESTAMP,
  /** The transaction's hash: text or null. */
  TRANSACTION_ID,
  /** The taker's side: text or null. */
  SIDE,
  /** The pool or order book: text. */
  POOL_ID;

  /** The name that Ponder gives the column, for example {@code chain_id}. */
  public String defaultName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
