package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.Scope;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.spi.log.Verification;
import org.jspecify.annotations.Nullable;

/** The range of keys that the scope means. Its baseline is kept with the log. Thread-safe. */
public final class ScopeRange {

  private final EngineSettings settings;
  private final Verification verification;
  private volatile @Nullable KeyRange resolved;

  public ScopeRange(EngineSettings settings, Verification verification) {
    this.settings = settings;
    this.verification = verification;
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
      return KeyRange.from(verification.saveBaseline(since.baseline().getEpochSecond(), false));
    }
    if (settings.scope() instanceof Scope.Last last) {
      long baseline = settings.clock().instant().minus(last.age()).getEpochSecond();
      return KeyRange.from(verification.saveBaseline(baseline, true));
    }
    return KeyRange.all();
  }
}
