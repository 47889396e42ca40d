package io.tradesync.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Remembers what it was given, and does before that what a test asks for. */
final class RecordingWriter implements LiveWriter {

  final List<List<Trade>> ingested = new CopyOnWriteArrayList<>();
  final List<List<Hint>> asked = new CopyOnWriteArrayList<>();
  final List<String> requestedRuns = new CopyOnWriteArrayList<>();
  volatile Consumer<List<Trade>> beforeIngest = trades -> {};
  volatile Consumer<Collection<Hint>> beforeCatchUp = hints -> {};
  volatile Runnable beforeRun = () -> {};
  volatile Predicate<Hint> answered = hint -> true;

  @Override
  public IngestResult ingest(List<Trade> trades) {
    beforeIngest.accept(trades);
    ingested.add(List.copyOf(trades));
    return new IngestResult(
        trades.stream().map(Trade::key).toList(), List.of(), List.of(), List.of(), List.of());
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    beforeCatchUp.accept(hints);
    asked.add(List.copyOf(hints));
    return new CatchUpResult(0, 0, hints.stream().filter(answered.negate()).toList());
  }

  @Override
  public void requestRun(String reason) {
    beforeRun.run();
    requestedRuns.add(reason);
  }

  List<Trade> trades() {
    return ingested.stream().flatMap(List::stream).toList();
  }

  /** Waits for a latch in what happens before a call. */
  static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
