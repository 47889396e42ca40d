package io.tradesync;

import java.util.List;

/**
 * Some gaps of a range, key by key.
 *
 * @param gaps the gaps in key order
 * @param rest the part of the range that was not looked at; empty if there is none
 */
public record GapPage(List<Item> gaps, KeyRange rest) {

  /** Keeps a copy of the list. */
  public GapPage {
    gaps = List.copyOf(gaps);
  }

  /** One gap. */
  public record Item(GapKind kind, TradeKey key) {}
}
