package io.tradesync;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Up to where both sides were found equal.
 *
 * @param fromEpochSecond the first second in scope then, null for a scope of everything: for
 *     another scope it tells nothing
 * @param throughEpochSecond the last verified second
 * @param trades how many trades the source had up to there, about
 * @param at when the comparison ended, by the log's clock
 */
public record Verified(
    @Nullable Long fromEpochSecond, long throughEpochSecond, long trades, Instant at) {}
