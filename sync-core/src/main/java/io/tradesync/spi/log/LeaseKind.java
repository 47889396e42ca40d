package io.tradesync.spi.log;

/** The purpose of a lease. Leases of different kinds do not exclude each other. */
public enum LeaseKind {
  /** A run or a force. */
  RUN,
  /** An audit. */
  AUDIT
}
