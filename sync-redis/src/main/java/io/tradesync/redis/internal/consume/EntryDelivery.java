package io.tradesync.redis.internal.consume;

import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.redis.Decoded;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.internal.loss.LossKind;
import io.tradesync.redis.MalformedEntryException;
import io.tradesync.redis.internal.consume.DeadLetters.Letter;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossResponder;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is read to the liveWriter, and acknowledges it once it is committed. What the
 * liveWriter could not take is kept and offered again, so that a side that is gone does not count
 * as a failure of the entries. Hints that the source did not answer are kept and asked again, while
 * others go on. Used by one thread; when the connection is lost it is thrown away, since all that
 * it has not acknowledged is read again.
 */
final class EntryDelivery {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  private static final int WAITING_READS = 10;

  /** The liveWriter failed; nothing of what it was given is acknowledged. */
  static final class WriterFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WriterFailedException(RuntimeException failure) {
      super(failure);
    }
  }

  /** An entry whose trade is to be written. */
  private record Item(StreamEntry entry, Trade trade) {}

  /** An entry whose hint is to be answered before the deadline. */
  private record Question(StreamEntry entry, Hint hint, long deadlineNanos) {}

  private final ConsumerGroup group;
  private final LiveWriter liveWriter;
  private final ConsumerSettings settings;
  private final FeedCounters counters;
  private final DeadLetters deadLetters;
  private final LossResponder losses;

  private final List<Item> items = new ArrayList<>();
  private final List<Question> fresh = new ArrayList<>();
  private final List<Question> waiting = new ArrayList<>();
  private long nextAskNanos;
  private int attempts;

  EntryDelivery(
      ConsumerGroup group,
      LiveWriter liveWriter,
      ConsumerSettings settings,
      FeedCounters counters,
      DeadLetters deadLetters,
      LossResponder losses) {
    this.group = group;
    this.liveWriter = liveWriter;
    this.settings = settings;
    this.counters = counters;
    this.deadLetters = deadLetters;
    this.losses = losses;
  }

  /** Whether something is left that the liveWriter was not able to take. */
  boolean isUnfinished() {
    return !items.isEmpty() || !fresh.isEmpty();
  }

  /** Whether hints wait for the source to show their trades. */
  boolean isWaiting() {
    return !waiting.isEmpty();
  }

  /** Whether so many hints wait that no more entries should be read. */
  boolean isFull() {
    return waiting.size() >= WAITING_READS * settings.batchSize();
  }

  /** How long nothing has to be done, at most some time. */
  Duration idleTime(Duration atMost) {
    if (waiting.isEmpty()) {
      return atMost;
    }
    Duration rest = Duration.ofNanos(Math.max(0, nextAskNanos - System.nanoTime()));
    return rest.compareTo(atMost) < 0 ? rest : atMost;
  }

  /** Everything that is neither acknowledged nor given up. */
  List<StreamEntry> held() {
    List<StreamEntry> held = new ArrayList<>();
    items.forEach(item -> held.add(item.entry));
    fresh.forEach(question -> held.add(question.entry));
    waiting.forEach(question -> held.add(question.entry));
    return held;
  }

  /**
   * Decodes what was read, and acknowledges what will never have an effect.
   *
   * @param entries what was read, perhaps nothing
   * @throws io.tradesync.TradesyncException if Redis fails
   */
  void take(List<StreamEntry> entries) {
    long deadlineNanos = System.nanoTime() + settings.rereadLimit().toNanos();
    List<StreamEntry> gone = new ArrayList<>();
    List<Letter> malformed = new ArrayList<>();
    List<Letter> tired = new ArrayList<>();
    for (StreamEntry entry : entries) {
      if (entry.body() == null) {
        gone.add(entry);
      } else if (entry.deliveries() > settings.deliveryLimit()) {
        tired.add(
            new Letter(
                entry, "was delivered " + entry.deliveries() + " times and never acknowledged"));
      } else {
        try {
          Decoded decoded = settings.decoder().decode(entry.stream(), entry.id(), entry.body());
          if (decoded instanceof Decoded.Whole whole) {
            items.add(new Item(entry, whole.trade()));
          } else if (decoded instanceof Decoded.Hinted hinted) {
            fresh.add(new Question(entry, hinted.hint(), deadlineNanos));
          } else {
            throw new IllegalStateException("the decoder answered null");
          }
        } catch (RuntimeException e) {
          malformed.add(new Letter(entry, why(e)));
        }
      }
    }
    leave(gone);
    counters.malformed.addAndGet(malformed.size());
    giveUp(malformed, "malformed entries were");
    giveUp(tired);
  }

  private static String why(RuntimeException failure) {
    return failure instanceof MalformedEntryException
        ? String.valueOf(failure.getMessage())
        : failure.toString();
  }

  private void leave(List<StreamEntry> gone) {
    if (!gone.isEmpty()) {
      counters.trimmed.addAndGet(gone.size());
      losses.lost(
          List.of(
              new Loss(
                  LossKind.TRIMMED,
                  gone.size() + " entries were trimmed away unread; the first is " + gone.get(0))));
      group.acknowledge(gone);
    }
  }

  /** One line for all, so that a stream of another format does not flood the log. */
  private void giveUp(List<Letter> letters, String what) {
    if (letters.isEmpty()) {
      return;
    }
    LOG.warn(
        "{} {} moved to stream {}; the first is {}",
        letters.size(),
        what,
        settings.deadLetters(),
        letters.get(0));
    letters.forEach(letter -> LOG.debug("{}", letter));
    deadLetters.add(letters);
    group.acknowledge(letters.stream().map(Letter::entry).toList());
  }

  /** Of valid entries: their trades are at the source. */
  private void giveUp(List<Letter> tired) {
    if (!tired.isEmpty()) {
      giveUp(tired, "entries that failed too often were");
      losses.compare(tired.size() + " entries failed too often; the first is " + tired.get(0));
    }
  }

  /**
   * Offers what was taken, and asks hints again that are due.
   *
   * @throws WriterFailedException if the liveWriter fails; what it did not take is kept
   * @throws io.tradesync.TradesyncException if Redis fails
   */
  void attempt() {
    try {
      write(items);
      items.clear();
      ask();
      attempts = 0;
    } catch (WriterFailedException e) {
      if (!(e.getCause() instanceof SideUnavailableException)) {
        attempts++;
      }
      if (attempts < settings.deliveryLimit() || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      attempts = 0;
      isolate();
    }
  }

  private void write(List<Item> some) {
    if (some.isEmpty()) {
      return;
    }
    IngestResult result = ingest(some.stream().map(Item::trade).toList());
    group.acknowledge(some.stream().map(Item::entry).toList());
    counters.consumed.addAndGet(some.size());
    LOG.debug(
        "{} entries: {} written, {} known, {} failed, {} out of scope, {} disputed",
        some.size(),
        result.written().size(),
        result.known().size(),
        result.failed().size(),
        result.outOfScope().size(),
        result.disputed().size());
  }

  private IngestResult ingest(List<Trade> trades) {
    try {
      return liveWriter.ingest(trades);
    } catch (RuntimeException e) {
      throw new WriterFailedException(e);
    }
  }

  private CatchUpResult catchUp(Set<Hint> hints) {
    try {
      return liveWriter.catchUp(List.copyOf(hints));
    } catch (RuntimeException e) {
      throw new WriterFailedException(e);
    }
  }

  private void ask() {
    boolean due = !waiting.isEmpty() && System.nanoTime() - nextAskNanos >= 0;
    List<Question> asked = new ArrayList<>(fresh);
    if (due) {
      asked.addAll(waiting);
    }
    if (asked.isEmpty()) {
      return;
    }
    Set<Hint> hints = new LinkedHashSet<>();
    asked.forEach(question -> hints.add(question.hint));
    CatchUpResult result = catchUp(hints);
    LOG.debug(
        "{} hints: {} trades written, {} failed, {} hints unanswered",
        hints.size(),
        result.processed(),
        result.errors(),
        result.unanswered().size());
    fresh.clear();
    if (due) {
      waiting.clear();
    }
    sort(asked, new HashSet<>(result.unanswered()), due);
  }

  private void sort(List<Question> asked, Set<Hint> unanswered, boolean due) {
    long now = System.nanoTime();
    if (due || waiting.isEmpty()) {
      nextAskNanos = now + settings.rereadDelay().toNanos();
    }
    List<StreamEntry> answered = new ArrayList<>();
    List<StreamEntry> expired = new ArrayList<>();
    for (Question question : asked) {
      if (!unanswered.contains(question.hint)) {
        answered.add(question.entry);
      } else if (now - question.deadlineNanos >= 0) {
        expired.add(question.entry);
      } else {
        waiting.add(question);
      }
    }
    acknowledge(answered);
    counters.consumed.addAndGet(answered.size());
    stopWaiting(expired);
  }

  private void stopWaiting(List<StreamEntry> expired) {
    if (expired.isEmpty()) {
      return;
    }
    LOG.info(
        "{} hints are no longer waited for, since the source did not show their trades in time;"
            + " the first is {}",
        expired.size(),
        expired.get(0));
    losses.compare("the source did not show the trades of " + expired.size() + " hints in time");
    acknowledge(expired);
    counters.unanswered.addAndGet(expired.size());
  }

  private void acknowledge(List<StreamEntry> entries) {
    if (!entries.isEmpty()) {
      group.acknowledge(entries);
    }
  }

  /** Offers one after the other what keeps failing together, and gives up what fails alone. */
  private void isolate() {
    List<Letter> failed = new ArrayList<>();
    while (!items.isEmpty()) {
      Item item = items.get(0);
      alone(item.entry, failed, () -> write(List.of(item)));
      items.remove(0);
    }
    fresh.addAll(waiting);
    waiting.clear();
    while (!fresh.isEmpty()) {
      Question question = fresh.get(0);
      alone(question.entry, failed, () -> askAlone(question));
      fresh.remove(0);
    }
    giveUp(failed);
  }

  private void alone(StreamEntry entry, List<Letter> failed, Runnable offer) {
    try {
      offer.run();
    } catch (WriterFailedException e) {
      if (e.getCause() instanceof SideUnavailableException) {
        giveUp(failed);
        throw e;
      }
      failed.add(new Letter(entry, String.valueOf(e.getCause())));
    }
  }

  private void askAlone(Question question) {
    boolean answered = catchUp(Set.of(question.hint)).unanswered().isEmpty();
    if (answered) {
      acknowledge(List.of(question.entry));
      counters.consumed.incrementAndGet();
    } else {
      waiting.add(question);
      nextAskNanos = System.nanoTime() + settings.rereadDelay().toNanos();
    }
  }
}
