package io.tradesync.spring;

import io.tradesync.InvalidSettingException;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.lang.Nullable;

/** Explains why an application cannot start with tradesync. */
final class TradesyncFailureAnalyzer extends AbstractFailureAnalyzer<TradesyncException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, TradesyncException cause) {
    String action = action(cause);
    return action == null
        ? null
        : new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
  }

  private static @Nullable String action(TradesyncException cause) {
    if (cause instanceof TradesyncSetupException setup) {
      return setup.action();
    }
    if (cause instanceof InvalidSettingException setting) {
      return "Change " + setting.name() + ".";
    }
    if (cause instanceof SideUnavailableException gone) {
      return switch (gone.side()) {
        case SOURCE ->
            "Check that Ponder's database can be reached: tradesync.source.url, or the DataSource"
                + " marked with @TradesyncSource.";
        case STORE ->
            "Check that the store's database can be reached: tradesync.store.url, or the DataSource"
                + " marked with @TradesyncStore.";
        case SINK -> "Check that what the sink writes to can be reached.";
      };
    }
    return null;
  }
}
