package io.tradesync.spi.log;

/** What a lease is for; leases of different kinds do not exclude each other. */
public enum LeaseKind {
  /** A run or a force. */
  RUN,
  /** An audit. */
  AUDIT
}
