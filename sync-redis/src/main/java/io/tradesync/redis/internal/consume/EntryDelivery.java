package io.tradesync.redis.internal.consume;

import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.redis.Decoded;
import io.tradesync.redis.MalformedEntryException;
import io.tradesync.redis.internal.client.Timer;
import io.tradesync.redis.internal.consume.DeadLetters.Letter;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossKind;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes entries, delivers them to the live writer, and acknowledges them after the commit.
 * Entries that the live writer could not take are kept and offered again; a side that is
 * unavailable does not count as a failure of the entries. Hints that the source did not answer are
 * kept and asked again, while other entries go on. Used by one thread, for one connection: what is
 * not acknowledged when the connection is lost is read again over the next one.
 */
final class EntryDelivery {

  private static final Logger LOG = LoggerFactory.getLogger(EntryDelivery.class);

  /** No more entries are read while hints of this many reads wait. */
  private static final int MAX_WAITING_READS = 10;

  /** The live writer failed; nothing of what it was given is acknowledged. */
  static final class WriterFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WriterFailedException(RuntimeException failure) {
      super(failure);
    }
  }

  /** An entry whose trade is to be written. */
  private record TradeEntry(StreamEntry entry, Trade trade) {}

  /** An entry whose hint is to be answered until the deadline. */
  private record HintEntry(StreamEntry entry, Hint hint, Timer deadline) {}

  private final Acknowledger acknowledger;
  private final LossResponder losses;
  private final LiveWriter liveWriter;
  private final WriterThread writerThread;
  private final ConsumerSettings settings;
  private final FeedCounters counters;
  private final DeadLetters deadLetters;

  private final List<TradeEntry> trades = new ArrayList<>();
  private final List<HintEntry> newHints = new ArrayList<>();
  private final List<HintEntry> waitingHints = new ArrayList<>();
  private final Timer reread = Timer.stopped();
  private int attempts;

  EntryDelivery(
      FeedContext context,
      Acknowledger acknowledger,
      LossResponder losses,
      WriterThread writerThread) {
    this.writerThread = writerThread;
    this.acknowledger = acknowledger;
    this.losses = losses;
    this.liveWriter = context.liveWriter();
    this.settings = context.settings();
    this.counters = context.counters();
    this.deadLetters = context.deadLetters();
  }

  /** Whether entries are left that the live writer could not take. */
  boolean isUnfinished() {
    return !trades.isEmpty() || !newHints.isEmpty();
  }

  /** Whether hints wait for the source to show their trades. */
  boolean isWaiting() {
    return !waitingHints.isEmpty();
  }

  /** Whether so many hints wait that no more entries should be read. */
  boolean isFull() {
    return waitingHints.size() >= MAX_WAITING_READS * settings.batchSize();
  }

  /** The time until hints are asked again, or the limit if that is shorter. */
  Duration idleTime(Duration limit) {
    return waitingHints.isEmpty() ? limit : reread.left(limit);
  }

  /** All entries that are neither acknowledged nor given up. */
  List<StreamEntry> held() {
    List<StreamEntry> held = new ArrayList<>();
    trades.forEach(trade -> held.add(trade.entry));
    newHints.forEach(hint -> held.add(hint.entry));
    waitingHints.forEach(hint -> held.add(hint.entry));
    return held;
  }

  /**
   * Decodes entries, and acknowledges those that can never have an effect.
   *
   * @throws io.tradesync.TradesyncException if Redis fails
   */
  void take(List<StreamEntry> entries) {
    Timer deadline = Timer.after(settings.rereadLimit());
    List<StreamEntry> gone = new ArrayList<>();
    List<Letter> malformed = new ArrayList<>();
    List<Letter> failing = new ArrayList<>();
    for (StreamEntry entry : entries) {
      if (entry.body() == null) {
        gone.add(entry);
      } else if (entry.bytes() > settings.maxEntryBytes()) {
        failing.add(
            new Letter(
                entry,
                "has "
                    + entry.bytes()
                    + " bytes, more than maxEntryBytes, "
                    + settings.maxEntryBytes()));
      } else if (entry.deliveries() > settings.deliveryLimit()) {
        failing.add(
            new Letter(
                entry, "was delivered " + entry.deliveries() + " times and never acknowledged"));
      } else {
        try {
          Decoded decoded = settings.decoder().decode(entry.stream(), entry.id(), entry.body());
          if (decoded instanceof Decoded.Whole whole) {
            trades.add(new TradeEntry(entry, whole.trade()));
          } else if (decoded instanceof Decoded.Hinted hinted) {
            newHints.add(new HintEntry(entry, hinted.hint(), deadline));
          } else {
            throw new IllegalStateException("the decoder answered null");
          }
        } catch (RuntimeException e) {
          malformed.add(new Letter(entry, reason(e)));
        }
      }
    }
    acknowledgeGone(gone);
    counters.malformed.addAndGet(malformed.size());
    giveUp(malformed, "malformed entries were");
    giveUpFailing(failing);
  }

  private static String reason(RuntimeException failure) {
    return failure instanceof MalformedEntryException
        ? String.valueOf(failure.getMessage())
        : failure.toString();
  }

  private void acknowledgeGone(List<StreamEntry> gone) {
    if (!gone.isEmpty()) {
      counters.trimmed.addAndGet(gone.size());
      losses.answer(
          List.of(
              new Loss(
                  LossKind.TRIMMED,
                  gone.size() + " entries were trimmed away unread; the first is " + gone.get(0))));
      acknowledger.acknowledge(gone);
    }
  }

  /** Logs one line for all, so that a stream of another format does not flood the log. */
  private void giveUp(List<Letter> letters, String what) {
    if (letters.isEmpty()) {
      return;
    }
    LOG.warn(
        "{} {} moved to stream {}; the first is {}",
        letters.size(),
        what,
        settings.deadLetterStream(),
        letters.get(0));
    letters.forEach(letter -> LOG.debug("{}", letter));
    deadLetters.add(letters);
    acknowledger.acknowledge(letters.stream().map(Letter::entry).toList());
  }

  /** Gives up valid entries, whose trades a run can still find at the source. */
  private void giveUpFailing(List<Letter> failing) {
    if (!failing.isEmpty()) {
      giveUp(failing, "entries that failed too often, or are too large, were");
      losses.requestRun(
          failing.size()
              + " entries failed too often, or are too large; the first is "
              + failing.get(0));
    }
  }

  /**
   * Offers the entries to the live writer, and asks hints again that are due.
   *
   * @param meanwhile done on this thread while another one writes the trades, and not done if there
   *     are none; what it {@link #take takes} is offered by the next attempt. Null if there is
   *     nothing to do
   * @throws WriterFailedException if the live writer fails; the entries it did not take are kept
   * @throws io.tradesync.TradesyncException if Redis fails
   */
  void attempt(@Nullable Runnable meanwhile) {
    try {
      List<TradeEntry> offered = List.copyOf(trades);
      write(offered, meanwhile);
      trades.subList(0, offered.size()).clear();
      askHints();
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

  private void write(List<TradeEntry> some, @Nullable Runnable meanwhile) {
    if (some.isEmpty()) {
      return;
    }
    List<RuntimeException> failures = new ArrayList<>();
    IngestResult result =
        ingest(some.stream().map(TradeEntry::trade).toList(), meanwhile, failures);
    Set<TradeKey> outside = Set.copyOf(result.outsideKeyOrder());
    List<StreamEntry> done = new ArrayList<>();
    List<Letter> letters = new ArrayList<>();
    for (TradeEntry each : some) {
      if (outside.contains(each.trade.key())) {
        letters.add(new Letter(each.entry, "the trade has no place in the key order"));
      } else {
        done.add(each.entry);
      }
    }
    acknowledger.acknowledge(done);
    consumed(done);
    giveUp(letters, "entries outside the key order were");
    // What was written is acknowledged also if what comes next could not be read.
    for (RuntimeException failure : failures) {
      throw failure;
    }
    LOG.debug(
        "{} entries: {} written, {} known, {} failed, {} out of scope, {} disputed, {} outside",
        some.size(),
        result.written().size(),
        result.known().size(),
        result.failed().size(),
        result.outOfScope().size(),
        result.disputed().size(),
        result.outsideKeyOrder().size());
  }

  private void consumed(List<StreamEntry> entries) {
    counters.consumed.addAndGet(entries.size());
    String feed = settings.feedName();
    for (StreamEntry entry : entries) {
      EntryId.parse(entry.id())
          .publishedAt()
          .ifPresent(published -> liveWriter.committed(feed, published));
    }
  }

  /**
   * Has trades written, and does something else meanwhile.
   *
   * @param failures takes what the other work threw
   */
  private IngestResult ingest(
      List<Trade> trades, @Nullable Runnable meanwhile, List<RuntimeException> failures) {
    Supplier<IngestResult> result = () -> liveWriter.ingest(trades);
    if (meanwhile != null) {
      result = writerThread.call(result, () -> run(meanwhile, failures));
    }
    try {
      return result.get();
    } catch (RuntimeException e) {
      for (RuntimeException failure : failures) {
        failure.addSuppressed(e);
        throw failure;
      }
      throw new WriterFailedException(e);
    }
  }

  private static void run(Runnable work, List<RuntimeException> failures) {
    try {
      work.run();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private CatchUpResult catchUp(Set<Hint> hints) {
    try {
      return liveWriter.catchUp(List.copyOf(hints));
    } catch (RuntimeException e) {
      throw new WriterFailedException(e);
    }
  }

  private void askHints() {
    boolean again = isWaiting() && reread.isDue();
    List<HintEntry> asked = new ArrayList<>(newHints);
    if (again) {
      asked.addAll(waitingHints);
    }
    if (asked.isEmpty()) {
      return;
    }
    Set<Hint> hints = new LinkedHashSet<>();
    asked.forEach(hint -> hints.add(hint.hint));
    CatchUpResult result = catchUp(hints);
    LOG.debug(
        "{} hints: {} trades written, {} failed, {} hints unanswered",
        hints.size(),
        result.processed(),
        result.errors(),
        result.unanswered().size());
    newHints.clear();
    if (again) {
      waitingHints.clear();
    }
    if (waitingHints.isEmpty()) {
      reread.restart(settings.rereadDelay());
    }
    settle(asked, new HashSet<>(result.unanswered()));
  }

  private void settle(List<HintEntry> asked, Set<Hint> unanswered) {
    List<StreamEntry> answered = new ArrayList<>();
    List<StreamEntry> expired = new ArrayList<>();
    for (HintEntry hint : asked) {
      if (!unanswered.contains(hint.hint)) {
        answered.add(hint.entry);
      } else if (hint.deadline.isDue()) {
        expired.add(hint.entry);
      } else {
        waitingHints.add(hint);
      }
    }
    acknowledger.acknowledge(answered);
    consumed(answered);
    stopWaiting(expired);
  }

  private void stopWaiting(List<StreamEntry> expired) {
    if (expired.isEmpty()) {
      return;
    }
    LOG.info(
        "the source did not show the trades of {} hints in time, so a run follows; the first is {}",
        expired.size(),
        expired.get(0));
    losses.requestRun("the source did not show the trades of " + expired.size() + " hints in time");
    acknowledger.acknowledge(expired);
    counters.unanswered.addAndGet(expired.size());
  }

  /** Offers entries one by one after they failed together, and gives up those that fail alone. */
  private void isolate() {
    List<Letter> failed = new ArrayList<>();
    while (!trades.isEmpty()) {
      TradeEntry trade = trades.get(0);
      offerAlone(trade.entry, failed, () -> write(List.of(trade), null));
      trades.remove(0);
    }
    newHints.addAll(waitingHints);
    waitingHints.clear();
    while (!newHints.isEmpty()) {
      HintEntry hint = newHints.get(0);
      offerAlone(hint.entry, failed, () -> askAlone(hint));
      newHints.remove(0);
    }
    giveUpFailing(failed);
  }

  private void offerAlone(StreamEntry entry, List<Letter> failed, Runnable offer) {
    try {
      offer.run();
    } catch (WriterFailedException e) {
      if (e.getCause() instanceof SideUnavailableException) {
        giveUpFailing(failed);
        throw e;
      }
      failed.add(new Letter(entry, String.valueOf(e.getCause())));
    }
  }

  private void askAlone(HintEntry hint) {
    boolean answered = catchUp(Set.of(hint.hint)).unanswered().isEmpty();
    if (answered) {
      acknowledger.acknowledge(List.of(hint.entry));
      consumed(List.of(hint.entry));
    } else {
      waitingHints.add(hint);
      reread.restart(settings.rereadDelay());
    }
  }
}
