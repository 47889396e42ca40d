package io.tradesync.internal.gap;

/**
 * A trade of the source that the store lacks or holds otherwise.
 *
 * @param kind why it is a gap
 * @param sourceFingerprint its content at the source
 * @param logFingerprint the content that the log knows; 0 where it knows none
 */
record Gap(GapKind kind, long sourceFingerprint, long logFingerprint) {

  Gap as(GapKind otherKind, long fingerprint) {
    return new Gap(otherKind, sourceFingerprint, fingerprint);
  }
}
