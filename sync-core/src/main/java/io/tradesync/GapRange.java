package io.tradesync;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of the key order in which every trade is a gap of one kind.
 *
 * @param kind why
 * @param first the smallest key in it
 * @param last the largest key in it
 * @param trades how many trades; all that either side has from {@code first} to {@code last}
 * @param position where missing trades lie; null for other kinds
 */
public record GapRange(
    GapKind kind, TradeKey first, TradeKey last, long trades, @Nullable GapPosition position) {}
