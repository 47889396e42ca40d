package io.tradesync.redis.internal.loss;


/**
 * Stream data that were lost, or may have been.
 *
 * @param kind how
 * @param reason the same in words, with the stream's name
 */
public record Loss(LossKind kind, String reason) {}
