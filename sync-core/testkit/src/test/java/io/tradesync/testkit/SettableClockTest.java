package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class SettableClockTest {

  private final SettableClock clock = new SettableClock();

  @Test
  void standsStillUntilItIsMoved() {
    assertThat(clock.instant()).isEqualTo(Instant.parse("2025-08-05T13:20:00Z"));
    assertThat(clock.advance(Duration.ofMinutes(-1))).isEqualTo("2025-08-05T13:19:00Z");
    assertThat(clock.instant()).isEqualTo("2025-08-05T13:19:00Z");
    clock.set(Instant.EPOCH);
    assertThat(clock.millis()).isZero();
  }

  @Test
  void inAnotherZoneItIsTheSameClock() {
    Clock other = clock.withZone(ZoneId.of("Europe/Berlin"));
    clock.advance(Duration.ofHours(2));
    assertThat(other.instant()).isEqualTo(clock.instant());
    assertThat(other.getZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
  }
}
