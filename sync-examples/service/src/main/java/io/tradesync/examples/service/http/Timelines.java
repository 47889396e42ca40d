package io.tradesync.examples.service.http;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Computes timelines one at a time, and keeps the last answers: many pages that ask for the same
 * cost no more than one. Thread-safe.
 */
final class Timelines {

  private static final int KEPT = 32;
  private static final Duration MIN_AGE = Duration.ofMillis(500);
  private static final Duration MAX_AGE = Duration.ofMinutes(2);

  /** An answer is given again for so many times the time that it took. */
  private static final int REUSE = 25;

  /** The same, if a run has ended since. */
  private static final int REUSE_AFTER_RUN = 4;

  /** What is asked for. */
  record Question(KeyRange range, int buckets) {

    /** Whether both show as much time in as many buckets. */
    boolean isLike(Question other) {
      return buckets == other.buckets && width() == other.width();
    }

    private double width() {
      return (double) range.upTo().epochSecond() - range.after().epochSecond();
    }
  }

  /** A timeline, and when it was computed. */
  record Answer(Timeline timeline, Instant asOf) {}

  /**
   * @param endedRuns how many runs had ended before
   */
  private record Known(Answer answer, long atNanos, long tookNanos, long endedRuns) {

    boolean isFresh(long endedRunsNow) {
      long age = System.nanoTime() - atNanos;
      return endedRunsNow == endedRuns
          ? age < Math.min(MAX_AGE.toNanos(), Math.max(MIN_AGE.toNanos(), REUSE * tookNanos))
          : age < REUSE_AFTER_RUN * tookNanos;
    }
  }

  private final SyncEngine engine;
  private final LongSupplier endedRuns;
  private final Turn turn = new Turn("timelines");
  private final Map<Question, Known> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Known> eldest) {
          return size() > KEPT;
        }
      };

  Timelines(SyncEngine engine, LongSupplier endedRuns) {
    this.engine = engine;
    this.endedRuns = endedRuns;
  }

  /** The last answer to this question or to one like it; empty if there is none. */
  Optional<Answer> last(Question question) {
    return Optional.ofNullable(latest(question::isLike)).map(Known::answer);
  }

  /** Whether {@link #get} would give an answer again. */
  boolean isFresh(Question question) {
    return fresh(question) != null;
  }

  private @Nullable Known fresh(Question question) {
    Known last = latest(question::equals);
    return last != null && last.isFresh(endedRuns.getAsLong()) ? last : null;
  }

  private @Nullable Known latest(Predicate<Question> wanted) {
    synchronized (known) {
      Known latest = null;
      for (Map.Entry<Question, Known> entry : known.entrySet()) {
        Known found = entry.getValue();
        if (wanted.test(entry.getKey())
            && (latest == null || found.atNanos() - latest.atNanos() > 0)) {
          latest = found;
        }
      }
      return latest;
    }
  }

  /** Computes an answer, or gives one again that is fresh. */
  Answer get(Question question) {
    Known fresh = fresh(question);
    if (fresh != null) {
      return fresh.answer();
    }
    return turn.take(
        () -> {
          Known meanwhile = fresh(question);
          return meanwhile != null ? meanwhile.answer() : compute(question);
        });
  }

  private Answer compute(Question question) {
    long began = System.nanoTime();
    long endedBefore = endedRuns.getAsLong();
    Instant asOf = Instant.now();
    Answer answer = new Answer(engine.timeline(question.range(), question.buckets()), asOf);
    long ended = System.nanoTime();
    synchronized (known) {
      known.remove(question);
      known.put(question, new Known(answer, ended, ended - began, endedBefore));
    }
    return answer;
  }
}
