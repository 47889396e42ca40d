package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.Scope;
import io.tradesync.TradeKey;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.spi.log.ScopeRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The range of keys that the scope means. Its baseline is kept with the log; above that it begins
 * at the sink's retention boundary, which rises. Thread-safe.
 */
public final class ScopeRange {

  private final EngineSettings settings;
  private final ScopeRecord scopeRecord;
  private final ScopeRecord scopeRecordOfHealth;
  private final Optional<List<String>> attributeNames;
  private final Function<KeyRange, OptionalLong> retention;
  private volatile @Nullable KeyRange resolved;
  private volatile OptionalLong retainedSince = OptionalLong.empty();

  /**
   * @param scopeRecordOfHealth the record of a log that health uses alone; it has to know the
   *     baseline too
   * @param attributeNames the names of the attributes of all trades; empty if they are not known
   * @param retention asks for the retention boundary; what the log holds in the range that it gets
   *     was not dropped before
   */
  public ScopeRange(
      EngineSettings settings,
      ScopeRecord scopeRecord,
      ScopeRecord scopeRecordOfHealth,
      Optional<List<String>> attributeNames,
      Function<KeyRange, OptionalLong> retention) {
    this.settings = settings;
    this.scopeRecord = scopeRecord;
    this.scopeRecordOfHealth = scopeRecordOfHealth;
    this.attributeNames = attributeNames;
    this.retention = retention;
  }

  /** Returns the range as of the last call of {@link #now}. */
  public KeyRange get() {
    OptionalLong since = retainedSince;
    KeyRange whole = whole();
    return since.isEmpty() ? whole : whole.after(TradeKey.startOf(since.getAsLong()));
  }

  /** Asks where the retention boundary is now; returns the range above it. */
  public KeyRange now() {
    return now(retention);
  }

  /** As {@link #now()}, but asks in another way. */
  public KeyRange now(Function<KeyRange, OptionalLong> asked) {
    // Whatever the baseline is: a candle across it would lose what was dropped below it.
    OptionalLong known = retainedSince;
    OptionalLong since =
        asked.apply(known.isEmpty() ? KeyRange.all() : KeyRange.from(known.getAsLong()));
    if (since.isPresent()) {
      raise(since.getAsLong());
    }
    return get();
  }

  private synchronized void raise(long since) {
    if (retainedSince.isEmpty() || retainedSince.getAsLong() < since) {
      retainedSince = OptionalLong.of(since);
    }
  }

  /** Returns the retention boundary; empty if there is none. */
  public OptionalLong retainedSince() {
    return retainedSince;
  }

  /**
   * Returns what the scope would hold below the retention boundary, where the log still has its
   * entries; empty if there is none.
   */
  public Optional<KeyRange> belowRetention() {
    OptionalLong since = retainedSince;
    if (since.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong entriesSince = scopeRecord.entriesSince();
    KeyRange logged =
        entriesSince.isEmpty()
            ? whole()
            : whole().after(TradeKey.startOf(entriesSince.getAsLong()));
    return Optional.of(logged.upTo(TradeKey.startOf(since.getAsLong())))
        .filter(range -> !range.isEmpty());
  }

  private KeyRange whole() {
    KeyRange known = resolved;
    if (known == null) {
      known = resolve();
      resolved = known;
    }
    return known;
  }

  private KeyRange resolve() {
    // Before the baseline is recorded: only then the log can tell a first start.
    scopeRecord.keepSelection(settings.scope().selection());
    attributeNames.ifPresent(scopeRecord::keepAttributeNames);
    Scope times = settings.scope().times();
    if (times instanceof Scope.Since since) {
      long baseline = since.baseline().getEpochSecond();
      scopeRecord.setBaseline(baseline);
      scopeRecordOfHealth.setBaseline(baseline);
      return KeyRange.from(baseline);
    }
    if (times instanceof Scope.Last last) {
      long baseline = settings.clock().instant().minus(last.age()).getEpochSecond();
      return KeyRange.from(scopeRecordOfHealth.keepBaseline(scopeRecord.keepBaseline(baseline)));
    }
    return KeyRange.all();
  }
}
