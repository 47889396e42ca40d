package io.tradesync.internal.write;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Side;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailureStreakTest {

  private final FailureStreak streak = new FailureStreak();

  private void fail() {
    streak.failed(3, Side.SINK, new IOException("reset"));
  }

  @Test
  void theLastBatchAllowedEndsTheRun() {
    fail();
    fail();

    assertThatThrownBy(this::fail)
        .hasMessage(
            "the sink is not available: 3 batches in a row failed, the last one with: reset");
  }

  @Test
  void aBatchThatSucceedsEndsTheStreak() {
    fail();
    fail();
    streak.succeeded();
    fail();
    fail();

    assertThatThrownBy(this::fail).hasMessageContaining("3 batches in a row");
  }
}
