package io.tradesync.spi.log;

import java.io.Serializable;

/**
 * Proves that a run holds a lease.
 *
 * @param lease which lease
 * @param runId the run that holds it
 * @param number rises whenever another run gets the lease, so that an earlier holder is recognised
 */
public record FencingToken(LeaseKind lease, String runId, long number) implements Serializable {}
