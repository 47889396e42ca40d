package io.tradesync;

/** Something that has a place in the key order. */
public interface Keyed {

  /** The trade's second and id. */
  TradeKey key();
}
