package io.tradesync.spi.log;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradeSelection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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

  /** Returns the chains and pools that are recorded; empty if none are. */
  default Optional<TradeSelection> selection() {
    return Optional.empty();
  }

  /**
   * Records the chains and pools in scope. A log that has entries and no record holds those of
   * every chain and pool. If the log has entries and the selection is another one than before, this
   * forgets what is verified, and ends the leases that are held, in the same transaction: their
   * holders have the scope of before. By default records nothing, so that a scope that lost chains
   * or pools is not noticed, and their entries look orphaned.
   *
   * @throws io.tradesync.InvalidSettingException if the log has entries, and the selection lacks
   *     chains or pools that are recorded; see {@link #refused}
   */
  default void keepSelection(TradeSelection selection) {}

  /** Returns the exception for a selection that lacks chains or pools that are recorded. */
  static InvalidSettingException refused(TradeSelection recorded, TradeSelection wanted) {
    boolean chains = !wanted.withPools().containsAll(recorded.withPools());
    Set<?> had = chains ? recorded.chains() : recorded.pools();
    Set<?> has = chains ? wanted.chains() : wanted.pools();
    String name = chains ? "chains" : "pools";
    Set<Object> lost = new LinkedHashSet<>(had);
    lost.removeAll(has);
    return new InvalidSettingException(
        name,
        has,
        "must contain "
            + (had.isEmpty() ? "all " + name : lost)
            + ", since the log has entries of them, which would look orphaned; take another service"
            + " name for a smaller scope");
  }

  /**
   * Records the names of the attributes that all trades have, in their order. The fingerprints of
   * the log's entries cover the values in that order, so other names would make every trade look
   * changed. By default records nothing, so that this is not noticed.
   *
   * @param names the names; none if trades have no attributes
   * @throws io.tradesync.InvalidSettingException if the log has entries, and other names are
   *     recorded; see {@link #refused(List, List)}
   */
  default void keepAttributeNames(List<String> names) {}

  /** Returns the exception for names of attributes that are not those that are recorded. */
  static InvalidSettingException refused(List<String> recorded, List<String> wanted) {
    return new InvalidSettingException(
        "attributeNames",
        wanted,
        "must be "
            + recorded
            + ", in this order, since the fingerprints of the log's entries cover these columns;"
            + " take another service name for trades with other ones");
  }

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
