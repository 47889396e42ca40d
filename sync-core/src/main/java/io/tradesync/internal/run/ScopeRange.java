package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.Scope;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.spi.log.ScopeRecord;
import org.jspecify.annotations.Nullable;

/** The range of keys that the scope means. Its baseline is kept with the log. Thread-safe. */
public final class ScopeRange {

  private final EngineSettings settings;
  private final ScopeRecord scopeRecord;
  private volatile @Nullable KeyRange resolved;

  public ScopeRange(EngineSettings settings, ScopeRecord scopeRecord) {
    this.settings = settings;
    this.scopeRecord = scopeRecord;
  }

  /** Returns the range; the log is asked once. */
  public KeyRange get() {
    KeyRange known = resolved;
    if (known == null) {
      known = resolve();
      resolved = known;
    }
    return known;
  }

  private KeyRange resolve() {
    if (settings.scope() instanceof Scope.Since since) {
      long baseline = since.baseline().getEpochSecond();
      scopeRecord.setBaseline(baseline);
      return KeyRange.from(baseline);
    }
    if (settings.scope() instanceof Scope.Last last) {
      long baseline = settings.clock().instant().minus(last.age()).getEpochSecond();
      return KeyRange.from(scopeRecord.keepBaseline(baseline));
    }
    return KeyRange.all();
  }
}
