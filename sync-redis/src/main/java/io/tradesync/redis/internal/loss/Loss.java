package io.tradesync.redis.internal.loss;

/**
 * A loss of stream data, or a moment at which data may have been lost.
 *
 * @param kind how the data were lost
 * @param reason the same in words, with the stream's name
 */
public record Loss(LossKind kind, String reason) {}
