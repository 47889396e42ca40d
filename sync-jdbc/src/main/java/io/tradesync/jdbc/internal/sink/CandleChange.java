package io.tradesync.jdbc.internal.sink;

/**
 * What a batch does to one candle.
 *
 * @param added what trades add that are there now
 * @param removed what trades added that are gone, or that had another content
 */
record CandleChange(Candle added, Candle removed) {}
