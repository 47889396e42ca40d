package io.tradesync.redis;

import io.lettuce.core.StreamMessage;
import io.tradesync.CatchUpResult;
import io.tradesync.IngestResult;
import io.tradesync.Trade;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LiveIntake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is read to the intake, and acknowledges it once it is committed. Hints that the source
 * did not answer are kept and asked again, while others go on. Used by one thread; after a failure
 * it is thrown away, since all that it has not acknowledged is read again.
 */
final class Delivery {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  private static final int SHOWN_CHARACTERS = 300;

  /** An entry whose hint is to be answered before the deadline. */
  private record Question(StreamMessage<String, String> entry, Hint hint, long deadlineNanos) {}

  private final StreamGroup group;
  private final EntryDecoder decoder;
  private final LiveIntake intake;
  private final Tally tally;
  private final long rereadDelayNanos;
  private final long rereadLimitNanos;
  private final int maxWaiting;
  private final List<Question> waiting = new ArrayList<>();
  private long nextAskNanos;

  Delivery(
      StreamGroup group,
      EntryDecoder decoder,
      LiveIntake intake,
      Tally tally,
      Duration rereadDelay,
      Duration rereadLimit,
      int maxWaiting) {
    this.group = group;
    this.decoder = decoder;
    this.intake = intake;
    this.tally = tally;
    this.rereadDelayNanos = rereadDelay.toNanos();
    this.rereadLimitNanos = rereadLimit.toNanos();
    this.maxWaiting = maxWaiting;
  }

  /** Whether so many hints wait that no more entries should be read. */
  boolean isFull() {
    return waiting.size() >= maxWaiting;
  }

  /** How long nothing has to be done, at most some time. */
  Duration idleTime(Duration atMost) {
    if (waiting.isEmpty()) {
      return atMost;
    }
    long nanos = Math.max(0, nextAskNanos - System.nanoTime());
    return nanos < atMost.toNanos() ? Duration.ofNanos(nanos) : atMost;
  }

  /**
   * Delivers what was read, and asks hints again that are due.
   *
   * @param entries what was read, perhaps nothing
   * @throws RuntimeException if the intake or Redis fails; nothing that was not committed is
   *     acknowledged
   */
  void deliver(List<StreamMessage<String, String>> entries) {
    Batch batch = decode(entries);
    acknowledge(batch.useless);
    ingest(batch);
    ask(batch.questions);
  }

  private static final class Batch {
    final List<StreamMessage<String, String>> useless = new ArrayList<>();
    final List<StreamMessage<String, String>> whole = new ArrayList<>();
    final List<Trade> trades = new ArrayList<>();
    final List<Question> questions = new ArrayList<>();
  }

  private Batch decode(List<StreamMessage<String, String>> entries) {
    long deadlineNanos = System.nanoTime() + rereadLimitNanos;
    Batch batch = new Batch();
    List<String> complaints = new ArrayList<>();
    for (StreamMessage<String, String> entry : entries) {
      Map<String, String> body = entry.getBody();
      if (body == null || body.isEmpty()) {
        tally.trimmed.incrementAndGet();
        batch.useless.add(entry);
        continue;
      }
      try {
        Decoded decoded = decoder.decode(entry.getStream(), entry.getId(), body);
        if (decoded instanceof Decoded.Whole whole) {
          batch.whole.add(entry);
          batch.trades.add(whole.trade());
        } else if (decoded instanceof Decoded.Hinted hinted) {
          batch.questions.add(new Question(entry, hinted.hint(), deadlineNanos));
        } else {
          throw new IllegalStateException("the decoder answered null");
        }
      } catch (RuntimeException e) {
        batch.useless.add(entry);
        complaints.add(setAside(entry, e));
      }
    }
    tell(complaints);
    return batch;
  }

  /** What becomes of an entry that makes no sense: it is counted; nobody else gets to see it. */
  private String setAside(StreamMessage<String, String> entry, RuntimeException reason) {
    tally.malformed.incrementAndGet();
    String why =
        reason instanceof MalformedEntryException
            ? String.valueOf(reason.getMessage())
            : reason.toString();
    return "entry "
        + entry.getId()
        + " of stream "
        + entry.getStream()
        + ": "
        + MalformedEntryException.oneLine(why, SHOWN_CHARACTERS);
  }

  /** One line a read, so that a stream of another format does not flood the log. */
  private static void tell(List<String> complaints) {
    if (!complaints.isEmpty()) {
      LOG.warn(
          "{} malformed entries were left aside; the first is {}",
          complaints.size(),
          complaints.get(0));
      complaints.forEach(LOG::debug);
    }
  }

  private void ingest(Batch batch) {
    if (batch.trades.isEmpty()) {
      return;
    }
    IngestResult result = intake.ingest(batch.trades);
    acknowledge(batch.whole);
    tally.consumed.addAndGet(batch.whole.size());
    LOG.debug(
        "{} entries: {} written, {} known, {} failed, {} out of scope, {} unsettled",
        batch.whole.size(),
        result.written().size(),
        result.known().size(),
        result.failed().size(),
        result.outOfScope().size(),
        result.unsettled().size());
  }

  private void ask(List<Question> questions) {
    boolean due = !waiting.isEmpty() && System.nanoTime() - nextAskNanos >= 0;
    List<Question> asked = new ArrayList<>(questions);
    if (due) {
      asked.addAll(waiting);
      waiting.clear();
    }
    if (asked.isEmpty()) {
      return;
    }
    Set<Hint> hints = new LinkedHashSet<>();
    asked.forEach(question -> hints.add(question.hint));
    CatchUpResult result = intake.catchUp(List.copyOf(hints));
    LOG.debug(
        "{} hints: {} trades written, {} failed, {} hints unanswered",
        hints.size(),
        result.processed(),
        result.errors(),
        result.unanswered().size());
    sort(asked, new HashSet<>(result.unanswered()), due);
  }

  private void sort(List<Question> asked, Set<Hint> unanswered, boolean due) {
    long now = System.nanoTime();
    if (due || waiting.isEmpty()) {
      nextAskNanos = now + rereadDelayNanos;
    }
    List<StreamMessage<String, String>> answered = new ArrayList<>();
    List<StreamMessage<String, String>> expired = new ArrayList<>();
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
    tally.consumed.addAndGet(answered.size());
    giveUp(expired);
  }

  private void giveUp(List<StreamMessage<String, String>> expired) {
    if (expired.isEmpty()) {
      return;
    }
    acknowledge(expired);
    tally.unanswered.addAndGet(expired.size());
    LOG.info(
        "{} hints are no longer waited for, since the source did not show their trades in time;"
            + " the first is entry {} of stream {}",
        expired.size(),
        expired.get(0).getId(),
        expired.get(0).getStream());
  }

  private void acknowledge(List<StreamMessage<String, String>> entries) {
    if (!entries.isEmpty()) {
      group.acknowledge(entries);
    }
  }
}
