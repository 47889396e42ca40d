package io.tradesync;

import org.jspecify.annotations.Nullable;

/**
 * What both sides hold of some seconds.
 *
 * @param fromEpochSecond the first second
 * @param toEpochSecond the second after the last one
 * @param source the number of rows that the source holds
 * @param processed the number of trades that the log holds as processed
 * @param gaps the gaps by kind; null if the sides differ in too many trades to say in which
 */
public record TimelineBucket(
    long fromEpochSecond,
    long toEpochSecond,
    long source,
    long processed,
    @Nullable GapCounts gaps) {}
