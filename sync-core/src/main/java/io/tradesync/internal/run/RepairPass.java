package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.internal.run.StopSignal.StoppedException;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;
import io.tradesync.internal.write.BatchWorkers;
import io.tradesync.internal.write.GroupSize;
import io.tradesync.internal.write.Portions;
import io.tradesync.internal.write.Repair;
import io.tradesync.internal.write.WriteContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one unit that repairs: reads its ranges page by page, cuts the repairs into batches,
 * and has threads write them. Used once, by one thread; another thread may interrupt the workers.
 */
final class RepairPass {

  private static final int MIN_PAGE_SIZE = 1_000;

  private final RunContext context;
  private final WriteContext writing;
  private final StopSignal stop;
  private final StopCheck stopCheck;
  private final RunLimits limits;
  private final RepairReader.Choice choice;
  private final RepairProgress progress;
  private final int pageSize;
  private final List<Repair> nextBatch = new ArrayList<>();
  private long nextBatchText;
  private final LeftSubRanges left = new LeftSubRanges();
  private long batches;
  private volatile boolean leftOut;
  private volatile @Nullable BatchWorkers workers;

  RepairPass(
      RunContext context,
      Task.Repair task,
      StopSignal stop,
      StopCheck stopCheck,
      RunLimits limits,
      RepairProgress progress) {
    this.context = context;
    this.writing = context.writing(task.lease().token(), task.mode(), task.scope(), stop);
    this.choice =
        new RepairReader.Choice(
            task.repaired(),
            task.everything(),
            context.scans().orphanPolicy(task.orphans()),
            task.keptBelow());
    this.stop = stop;
    this.stopCheck = stopCheck;
    this.limits = limits;
    this.progress = progress;
    this.pageSize = Math.max(MIN_PAGE_SIZE, context.settings().batchSize());
  }

  /**
   * Repairs ranges.
   *
   * @param ranges the ranges in key order
   * @throws StoppedException if the run was stopped before the last batch began
   */
  void repair(List<PlannedRange> ranges) {
    GroupSize groupSize = GroupSize.growing(context.batchesPerGroup(), context.settings().clock());
    try (BatchWorkers started =
        new BatchWorkers(
            context.settings().parallelism(),
            groupSize,
            group -> write(group, groupSize),
            writing.runId())) {
      workers = started;
      for (List<PlannedRange> page : PlannedRange.pages(ranges, pageSize)) {
        read(page, started);
      }
      if (!nextBatch.isEmpty()) {
        submitBatch(started);
      }
      started.await();
    }
    if (leftOut) {
      throw new StoppedException();
    }
  }

  private void read(List<PlannedRange> planned, BatchWorkers workers) {
    List<KeyRange> ranges = planned.stream().map(PlannedRange::range).toList();
    RepairReader reader =
        new RepairReader(context.source(), context.log().entries(), choice, ranges, pageSize);
    long[] repairs = new long[ranges.size()];
    long[] trades = new long[ranges.size()];
    for (Optional<RepairReader.Page> page = reader.next(); page.isPresent(); page = reader.next()) {
      count(page.get().repairs(), Repair::key, ranges, repairs);
      count(page.get().rows(), SourceRow::key, ranges, trades);
      left.add(page.get().left());
      page.get().repairs().forEach(repair -> add(repair, workers));
      if (!reader.isAtEnd()) {
        stopCheck.throwIfStopped();
      }
    }
    for (int i = 0; i < ranges.size(); i++) {
      progress.read(planned.get(i), repairs[i], trades[i]);
    }
  }

  /** Adds to each range's count the keys that it holds. The elements are in key order. */
  private static <T> void count(
      List<T> elements, Function<T, TradeKey> key, List<KeyRange> ranges, long[] counts) {
    int range = 0;
    TradeKey before = TradeKey.MIN;
    for (T element : elements) {
      TradeKey next = key.apply(element);
      while (ranges.get(range).upTo().isBefore(next)) {
        range++;
      }
      counts[range] += next.equals(before) ? 0 : 1;
      before = next;
    }
  }

  private void add(Repair repair, BatchWorkers workers) {
    nextBatch.add(repair);
    nextBatchText += repair.textLength();
    if (Portions.isFull(nextBatch.size(), context.settings().batchSize(), nextBatchText)) {
      stopCheck.throwIfStopped();
      submitBatch(workers);
    }
  }

  private void submitBatch(BatchWorkers workers) {
    try {
      limits.awaitTurn(nextBatch.size(), stopCheck);
      workers.submit(new Batch(batches++, List.copyOf(nextBatch)));
    } catch (InterruptedException e) {
      stop.interrupted();
      throw new StoppedException();
    }
    nextBatch.clear();
    nextBatchText = 0;
  }

  private void write(List<Batch> group, GroupSize groupSize) {
    if (!context.writer().write(group, writing, groupSize, stop::isCancelled, this::finished)) {
      leftOut = true;
    }
  }

  private void finished(Batch batch, BatchOutcome outcome) {
    left.add(outcome.disputed());
    left.add(outcome.failed());
    // A trade that came back at the source may have other content now.
    Set<TradeKey> known = Set.copyOf(outcome.known());
    left.add(
        batch.repairs().stream()
            .filter(Repair.Retract.class::isInstance)
            .map(Repair::key)
            .filter(known::contains)
            .toList());
    progress.finished(RepairStep.of(batch, outcome));
  }

  /** Where the run left a gap that it planned to repair. */
  LeftSubRanges left() {
    return left;
  }

  /** Interrupts the workers in the middle of their batches, whose transactions then roll back. */
  void interruptWorkers() {
    BatchWorkers started = workers;
    if (started != null) {
      started.interrupt();
    }
  }
}
