package io.tradesync;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Up to where both sides were found equal.
 *
 * @param fromEpochSecond the first second in scope then, null for a scope of everything; a run with
 *     another scope does not use it
 * @param throughEpochSecond the last verified second
 * @param trades about how many trades the source had up to that second
 * @param at when the comparison ended, by the log's clock
 */
public record Verified(
    @Nullable Long fromEpochSecond, long throughEpochSecond, long trades, Instant at) {}
