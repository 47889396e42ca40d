package io.tradesync.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GroupSizeTest {

  private static final Duration SOON = Duration.ofMillis(1);
  private static final Duration LATE = Duration.ofMillis(300);

  private final ManualClock clock = new ManualClock();
  private final GroupSize size = GroupSize.growing(20, clock);

  private void written(int batches, Duration took) {
    Instant began = size.begin();
    clock.advance(took);
    size.written(batches, began);
  }

  @Test
  void doublesUpToTheMostWhileGroupsAreWrittenSoon() {
    for (int expected : new int[] {1, 2, 4, 8, 16, 20, 20}) {
      assertThat(size.now()).isEqualTo(expected);
      written(size.now(), SOON);
    }
  }

  @Test
  void staysWhereLessThanThatIsWaiting() {
    written(1, SOON);
    written(2, SOON);
    written(3, SOON);
    assertThat(size.now()).isEqualTo(4);
  }

  @Test
  void halvesWhatTookLong() {
    for (int i = 0; i < 5; i++) {
      written(size.now(), SOON);
    }
    written(20, LATE);
    assertThat(size.now()).isEqualTo(10);
    written(1, LATE);
    assertThat(size.now()).isEqualTo(1);
  }

  @Test
  void startsAgainAfterAFailure() {
    written(1, SOON);
    size.failed();
    assertThat(size.now()).isEqualTo(1);
  }
}
