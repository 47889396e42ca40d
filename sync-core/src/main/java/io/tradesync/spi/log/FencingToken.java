package io.tradesync.spi.log;

/**
 * A lease that was granted.
 *
 * @param lease which lease
 * @param runId the run that holds it
 * @param number rises with each grant of the lease, so that an earlier holder can be told apart
 */
public record FencingToken(LeaseKind lease, String runId, long number) {}
