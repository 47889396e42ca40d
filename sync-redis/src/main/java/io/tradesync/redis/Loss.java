package io.tradesync.redis;

/**
 * Stream data that were lost, or may have been.
 *
 * @param kind how
 * @param reason the same in words, with the stream's name
 */
record Loss(LossKind kind, String reason) {}
