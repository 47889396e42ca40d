package io.tradesync.spi;

/**
 * The digest of the log's entries in one bucket of seconds. Retracted entries count nowhere.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param processed how many processed entries it holds
 * @param fingerprints the sum of the processed entries' fingerprints modulo 2^64
 * @param errors how many failed entries it holds
 */
public record LogDigest(long bucket, long processed, long fingerprints, long errors) {}
