package io.tradesync.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchWorkersTest {

  private static final int BATCHES = 30;

  private static Batch batch(int number, int trades, String note) {
    return new Batch(
        number,
        IntStream.range(0, trades)
            .<Repair>mapToObj(
                i ->
                    new Repair.Write(
                        Trade.builder("t" + number + "-" + i, number, 1, "p")
                            .attribute("note", note)
                            .build()))
            .toList());
  }

  /** Submits batches; returns how many at most were in memory when one had been taken. */
  private static int mostInMemory(String note) throws InterruptedException {
    AtomicInteger written = new AtomicInteger();
    int most = 0;
    try (BatchWorkers workers =
        new BatchWorkers(
            1,
            GroupSize.fixed(20),
            group -> {
              Thread.yield();
              written.addAndGet(group.size());
            },
            "test")) {
      for (int i = 0; i < BATCHES; i++) {
        workers.submit(batch(i, 50, note));
        most = Math.max(most, i + 1 - written.get());
      }
      workers.await();
    }
    assertThat(written).hasValue(BATCHES);
    return most;
  }

  @Test
  void batchesOfLargeTradesWaitForRoomByTheirSize() throws Exception {
    assertThat(mostInMemory("x".repeat(1 << 20))).as("50 MiB each").isEqualTo(1);
    assertThat(mostInMemory("x".repeat(1 << 18))).as("12 MiB each, 40 permits").isLessThan(5);
  }

  @Test
  void batchesOfSmallTradesWaitByTheirNumberOnly() throws Exception {
    assertThat(mostInMemory("x")).isBetween(1, 40);
    assertThat(batch(0, 50, "x").textLength()).isEqualTo(100);
  }
}
