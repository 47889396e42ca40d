package io.tradesync.spi;

import org.jspecify.annotations.Nullable;

/**
 * A message that the source has a new trade, without the trade itself. The live writer reads the
 * trade from the source, by key and with an overlap.
 *
 * @param epochSecond about when the trade happened, in seconds since 1970-01-01T00:00:00Z; null if
 *     not known: the source is then read from the newest processed trade on
 * @param transactionId the trade's transaction; null if not known: the hint is then answered as
 *     soon as the source was read
 */
public record Hint(@Nullable Long epochSecond, @Nullable String transactionId) {}
