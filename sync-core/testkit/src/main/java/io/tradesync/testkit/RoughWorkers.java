package io.tradesync.testkit;

import io.tradesync.SyncEngine;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Workers that treat units as badly as a cluster may: each order, unit and outcome is serialised,
 * units are carried out in any order, some of them up to three times and at once, and outcomes come
 * late or twice. They work on threads of this process, with engines of their own. Thread-safe.
 */
public final class RoughWorkers implements Workers {

  private final int parallelism;
  private final Random random;
  private final Supplier<SyncEngine> engines;
  private final List<SyncEngine> workers = new ArrayList<>();

  /**
   * Creates workers.
   *
   * @param parallelism how many units are carried out at once
   * @param seed decides what is repeated, delayed and in which order
   * @param engines creates the engine of a worker, when there is work
   */
  public RoughWorkers(int parallelism, long seed, Supplier<SyncEngine> engines) {
    this.parallelism = parallelism;
    this.random = new Random(seed);
    this.engines = engines;
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  /** Everything is handed out, as far as it can be divided. */
  @Override
  public long worthwhileTrades() {
    return 1;
  }

  @Override
  public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
      throws Exception {
    List<Callable<Boolean>> work = new ArrayList<>();
    synchronized (random) {
      while (workers.size() < parallelism) {
        workers.add(engines.get());
      }
      for (WorkUnit unit : units) {
        for (int times = 1 + random.nextInt(3); times > 0; times--) {
          SyncEngine worker = workers.get(random.nextInt(parallelism));
          int delay = random.nextInt(2);
          boolean twice = random.nextBoolean();
          work.add(() -> carryOut(worker, order, unit, delay, twice, done));
        }
      }
      Collections.shuffle(work, random);
    }
    ExecutorService threads = Executors.newFixedThreadPool(parallelism);
    try {
      for (Future<Boolean> each : threads.invokeAll(work)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
      threads.awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private boolean carryOut(
      SyncEngine worker,
      WorkOrder order,
      WorkUnit unit,
      int delay,
      boolean twice,
      Consumer<WorkOutcome> done)
      throws Exception {
    WorkOutcome outcome = sent(worker.work(sent(order), sent(unit)));
    TimeUnit.MILLISECONDS.sleep(delay);
    done.accept(outcome);
    if (twice) {
      done.accept(sent(outcome));
    }
    return true;
  }

  /** Sends a value to another machine: nothing but its serialised form arrives. */
  @SuppressWarnings("unchecked")
  private static <V extends Serializable> V sent(V value) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (V) in.readObject();
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
  }
}
