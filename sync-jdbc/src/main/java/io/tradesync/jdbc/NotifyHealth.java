package io.tradesync.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link PonderNotifyListener} is doing. The counts are its own since it was made.
 *
 * @param up whether it listens, and the last reading of the source worked
 * @param reason why it is not up, without secrets; null if it is
 * @param notifications notifications that named the table
 * @param readings readings of the source that were done for them; one answers all that are waiting
 * @param losses how often it did not listen for a time; each was answered with a run
 */
public record NotifyHealth(
    boolean up, @Nullable String reason, long notifications, long readings, long losses) {}
