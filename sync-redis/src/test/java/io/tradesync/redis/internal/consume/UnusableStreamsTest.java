package io.tradesync.redis.internal.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A stream is tried again with pauses that grow, also if it seemed usable in between. */
class UnusableStreamsTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final UnusableStreams streams = new UnusableStreams(LONG);

  private void fail(String reason) {
    streams.add(new StreamUnusableException("trades", reason));
  }

  @Test
  void pausesGoOnGrowingWhenAStreamFailsAgainSoonAfterItCouldBeUsed() {
    for (int i = 0; i < 6; i++) {
      fail("no right");
      streams.remove("trades");
    }
    assertThat(streams.reasons()).isEmpty();
    assertThat(streams.idleTime(LONG)).isEqualTo(LONG);

    fail("no right");

    // Half of the seventh pause, which is 64 times the first one.
    assertThat(streams.idleTime(LONG)).isGreaterThan(Duration.ofSeconds(3));
    assertThat(streams.reasons()).isEqualTo(Map.of("trades", "no right"));
    assertThat(streams.contains("trades")).isTrue();
    assertThat(streams.due()).isEmpty();
  }

  @Test
  void aStreamThatNoLongerExistsIsForgotten() {
    fail("no right");

    streams.retain(Set.of());

    assertThat(streams.contains("trades")).isFalse();
    assertThat(streams.reasons()).isEmpty();
  }
}
