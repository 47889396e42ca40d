package io.tradesync.spi;

import org.jspecify.annotations.Nullable;

/**
 * A message that something is new at the source, without the whole trade. The trade is then read
 * from the source, by key and with an overlap.
 *
 * @param epochSecond about when the trade happened, in seconds since 1970-01-01T00:00:00Z; null if
 *     not known: then the source is read from the newest processed trade on
 * @param transactionId the trade's transaction; null if not known: then the hint counts as answered
 *     once the source was read
 */
public record Hint(@Nullable Long epochSecond, @Nullable String transactionId) {}
