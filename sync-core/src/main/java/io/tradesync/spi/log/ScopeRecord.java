package io.tradesync.spi.log;

import java.util.OptionalLong;

/**
 * Records the scope of a service, so that a restart does not move it. Times are seconds since
 * 1970-01-01T00:00:00Z. Used by many threads at once.
 */
public interface ScopeRecord {

  /** Records nothing: each process has the baseline that it is started with. */
  ScopeRecord NONE =
      new ScopeRecord() {
        @Override
        public void setBaseline(long epochSecond) {}

        @Override
        public long keepBaseline(long epochSecond) {
          return epochSecond;
        }
      };

  /** Records the first second in scope, in the place of one that is recorded already. */
  void setBaseline(long epochSecond);

  /**
   * Records the first second in scope, unless one is recorded already.
   *
   * @return the second that is recorded now
   * @throws io.tradesync.InvalidSettingException if what was recorded is lost although the log has
   *     entries of the service; names the setting {@code scope}
   */
  long keepBaseline(long epochSecond);

  /**
   * Returns the second below which entries may have been deleted, since the sink keeps no trades
   * there; by default empty, for a log that keeps all entries.
   */
  default OptionalLong entriesSince() {
    return OptionalLong.empty();
  }

  /**
   * Deletes some of the entries below the retention boundary, if the log is to keep entries only as
   * long as the sink keeps trades. What {@link #entriesSince} returns is recorded before the first
   * entry below it is deleted. By default deletes nothing. Called at the end of a run.
   *
   * @return whether there may be more
   */
  default boolean deleteOldEntries() {
    return false;
  }
}
