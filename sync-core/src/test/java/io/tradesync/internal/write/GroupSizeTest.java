package io.tradesync.internal.write;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GroupSizeTest {

  private static final long SOON = 1_000_000;
  private static final long LATE = 300_000_000;

  private final GroupSize size = GroupSize.growing(20);

  @Test
  void doublesUpToTheMostWhileGroupsAreWrittenSoon() {
    for (int expected : new int[] {1, 2, 4, 8, 16, 20, 20}) {
      assertThat(size.now()).isEqualTo(expected);
      size.written(size.now(), SOON);
    }
  }

  @Test
  void staysWhereLessThanThatIsWaiting() {
    size.written(1, SOON);
    size.written(2, SOON);
    size.written(3, SOON);
    assertThat(size.now()).isEqualTo(4);
  }

  @Test
  void halvesWhatTookLong() {
    for (int i = 0; i < 5; i++) {
      size.written(size.now(), SOON);
    }
    size.written(20, LATE);
    assertThat(size.now()).isEqualTo(10);
    size.written(1, LATE);
    assertThat(size.now()).isEqualTo(1);
  }

  @Test
  void startsAgainAfterAFailure() {
    size.written(1, SOON);
    size.failed();
    assertThat(size.now()).isEqualTo(1);
  }
}
