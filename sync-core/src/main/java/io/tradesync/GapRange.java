package io.tradesync;

import org.jspecify.annotations.Nullable;

/**
 * A range of keys in which every trade is a gap of one kind.
 *
 * @param kind the kind of gap
 * @param first the smallest key in it
 * @param last the largest key in it
 * @param trades the number of trades that either side has from {@code first} to {@code last}
 * @param position where missing trades are; null for other kinds
 */
public record GapRange(
    GapKind kind, TradeKey first, TradeKey last, long trades, @Nullable GapPosition position) {}
