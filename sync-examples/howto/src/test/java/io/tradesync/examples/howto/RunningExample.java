package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** An example that runs until it is interrupted, on a thread of its own. */
final class RunningExample implements AutoCloseable {

  /** The main method of such an example. */
  @FunctionalInterface
  interface Main {
    void run() throws InterruptedException;
  }

  private final Thread thread;

  RunningExample(Main main) {
    thread =
        new Thread(
            () -> {
              try {
                main.run();
              } catch (InterruptedException e) {
                // The end of the example.
              }
            },
            "running-example");
    thread.start();
  }

  /** Interrupts the example and waits for its end. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(Duration.ofSeconds(20).toMillis());
    assertThat(thread.isAlive()).isFalse();
  }
}
