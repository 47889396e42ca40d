package io.tradesync.internal.run;

import io.tradesync.RunProgress;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which progress lines of a run are logged at INFO: each one of a run with few batches, one
 * every five seconds of a longer run, and always the last one. The others are logged at DEBUG. Not
 * thread-safe.
 */
final class ProgressLog {

  static final int FEW_BATCHES = 100;
  private static final long PAUSE_NANOS = 5_000_000_000L;

  private final LongSupplier nanoTime;
  private final Consumer<String> info;
  private final Consumer<String> debug;
  private @Nullable String lastNotShown;
  private long shownAt;

  ProgressLog(LongSupplier nanoTime, Consumer<String> info, Consumer<String> debug) {
    this.nanoTime = nanoTime;
    this.info = info;
    this.debug = debug;
    this.shownAt = nanoTime.getAsLong();
  }

  void batchFinished(RunProgress progress) {
    String line = progress.message();
    long now = nanoTime.getAsLong();
    if (progress.batches() <= FEW_BATCHES
        || progress.batch() == progress.batches()
        || now - shownAt >= PAUSE_NANOS) {
      info.accept(line);
      shownAt = now;
      lastNotShown = null;
    } else {
      debug.accept(line);
      lastNotShown = line;
    }
  }

  /** Logs the last line, unless it was logged at INFO already. */
  void ended() {
    if (lastNotShown != null) {
      info.accept(lastNotShown);
      lastNotShown = null;
    }
  }
}
