package io.tradesync.internal.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedComputationTest {

  /** A caller on a thread of its own. */
  private static final class Caller<T> extends FutureTask<T> {
    private final Thread thread = new Thread(this);

    Caller(SharedComputation<T> computation) {
      super(computation::get);
    }

    static <T> Caller<T> start(SharedComputation<T> computation) {
      Caller<T> caller = new Caller<>(computation);
      caller.thread.start();
      return caller;
    }

    void awaitWaiting() {
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () ->
                  thread.getState() == Thread.State.WAITING
                      || thread.getState() == Thread.State.TIMED_WAITING);
    }
  }

  /** A computation that returns its number, and that waits for a permission to end. */
  private static final class Numbered implements Supplier<Integer> {
    private final AtomicInteger begun = new AtomicInteger();
    private final List<CountDownLatch> ends =
        List.of(new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(1));

    @Override
    public Integer get() {
      int number = begun.incrementAndGet();
      try {
        ends.get(number - 1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TradesyncException("interrupted", e);
      }
      return number;
    }

    void awaitBegun(int number) {
      await().until(() -> begun.get() == number);
    }

    void end(int number) {
      ends.get(number - 1).countDown();
    }
  }

  private final Numbered numbered = new Numbered();
  private final SharedComputation<Integer> shared = new SharedComputation<>("a number", numbered);

  private List<Caller<Integer>> callersThatWait(int count) {
    List<Caller<Integer>> callers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      callers.add(Caller.start(shared));
    }
    callers.forEach(Caller::awaitWaiting);
    return callers;
  }

  @Test
  void whoCallsDuringAComputationSharesTheNextOne() throws Exception {
    Caller<Integer> first = Caller.start(shared);
    numbered.awaitBegun(1);
    List<Caller<Integer>> others = callersThatWait(99);
    numbered.end(1);
    numbered.end(2);

    assertThat(first.get()).isEqualTo(1);
    for (Caller<Integer> other : others) {
      assertThat(other.get()).isEqualTo(2);
    }
    assertThat(numbered.begun).hasValue(2);
  }

  @Test
  void oneIsUnderWayAtATimeAndBeginsAfterEachOfItsCallers() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    SharedComputation<Long> computation =
        new SharedComputation<>(
            "a time",
            () -> {
              long began = System.nanoTime();
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              Thread.yield();
              underWay.decrementAndGet();
              return began;
            });
    List<FutureTask<Boolean>> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(
          new FutureTask<>(
              () -> {
                for (int call = 0; call < 200; call++) {
                  long called = System.nanoTime();
                  assertThat(computation.get() - called).isNotNegative();
                }
                return true;
              }));
    }
    callers.forEach(caller -> new Thread(caller).start());

    for (FutureTask<Boolean> caller : callers) {
      assertThat(caller.get()).isTrue();
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void aFailureReachesWhoWaitedForItAndNobodyElse() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    SharedComputation<Integer> failing =
        new SharedComputation<>(
            "a number",
            () -> {
              int number = shared.get();
              calls.incrementAndGet();
              if (number == 2) {
                throw new IllegalStateException("number 2");
              }
              return number;
            });
    Caller<Integer> first = Caller.start(failing);
    numbered.awaitBegun(1);
    Caller<Integer> second = Caller.start(failing);
    Caller<Integer> third = Caller.start(failing);
    second.awaitWaiting();
    third.awaitWaiting();
    List.of(1, 2, 3).forEach(numbered::end);

    assertThat(first.get()).isEqualTo(1);
    for (Caller<Integer> failed : List.of(second, third)) {
      assertThatThrownBy(failed::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
    }
    assertThat(failing.get()).isEqualTo(3);
    assertThat(calls).hasValue(3);
  }

  @Test
  void anInterruptOfTheCallerThatComputesIsNoneOfTheOthersBusiness() throws Exception {
    Caller<Integer> first = Caller.start(shared);
    numbered.awaitBegun(1);
    Caller<Integer> second = Caller.start(shared);
    second.awaitWaiting();
    Caller<Integer> third = Caller.start(shared);
    third.awaitWaiting();
    second.thread.interrupt();
    first.thread.interrupt();
    numbered.end(2);

    for (Caller<Integer> interrupted : List.of(first, second)) {
      assertThatThrownBy(interrupted::get).hasCauseInstanceOf(TradesyncException.class);
    }
    assertThat(third.get()).isEqualTo(2);
  }

  @Test
  void aPauseAsLongAsTheLastComputationLiesBetweenTwo() {
    List<Long> times = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> never = new CompletableFuture<>();
    SharedComputation<Boolean> slow =
        new SharedComputation<>(
            "a slow answer",
            () -> {
              times.add(System.nanoTime());
              assertThatThrownBy(() -> never.get(20, TimeUnit.MILLISECONDS)).isNotNull();
              return times.add(System.nanoTime());
            });
    for (int i = 0; i < 3; i++) {
      assertThat(slow.get()).isTrue();
    }

    for (int i = 2; i < times.size(); i += 2) {
      long took = times.get(i - 1) - times.get(i - 2);
      assertThat(times.get(i) - times.get(i - 1)).isGreaterThanOrEqualTo(took);
    }
    assertThat(SharedComputation.pauseAfter(TimeUnit.MINUTES.toNanos(1)))
        .isEqualTo(TimeUnit.SECONDS.toNanos(1));
  }
}
