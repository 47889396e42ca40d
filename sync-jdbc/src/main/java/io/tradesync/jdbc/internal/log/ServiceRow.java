package io.tradesync.jdbc.internal.log;

import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Creates the service's row of {@code sync_service}, also again after somebody deleted it: with the
 * baseline that this process resolved, and with nothing verified. Thread-safe.
 */
final class ServiceRow {

  static final String CREATE =
      """
      insert into :"schema".sync_service (service, baseline)
      values (:service, :baseline)
      on conflict do nothing\
      """;

  private volatile @Nullable Long baseline;

  /** Returns the baseline that this process resolved; null if it has none. */
  @Nullable Long baseline() {
    return baseline;
  }

  void resolved(long epochSecond) {
    baseline = epochSecond;
  }

  /**
   * Creates the row if it is missing; it is locked until the transaction ends.
   *
   * @param create {@link #CREATE}, bound to the service
   */
  void create(Update create) {
    create.bind("baseline", baseline).execute();
  }
}
