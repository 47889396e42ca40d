package io.tradesync.redis.internal.loss;

import io.tradesync.redis.LossKind;

/**
 * Stream data that were lost, or may have been.
 *
 * @param kind how
 * @param reason the same in words, with the stream's name
 */
public record Loss(LossKind kind, String reason) {}
