package io.tradesync.spi;

/**
 * The digest of the source's trades in one bucket of seconds.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param count how many trades it holds
 * @param fingerprints the sum of their fingerprints modulo 2^64
 */
public record SourceDigest(long bucket, long count, long fingerprints) {}
