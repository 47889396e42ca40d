package io.tradesync.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.Recommendation;
import io.tradesync.SyncHealth;
import io.tradesync.SyncHealth.StoreState;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LastHealthTest {

  private final AtomicLong nanos = new AtomicLong(-5);
  private final LastHealth health = new LastHealth(nanos::get);

  private void computed(GapCounts gaps) {
    health.computed(
        new SyncHealth(
            7, 1L, 1L, Recommendation.SYNC_RECOMMENDED, gaps, null, null, StoreState.NONE));
  }

  private void pass(int seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void nothingIsKnownBeforeTheFirst() {
    assertThat(health.value(SyncHealth::lagMinutes)).isNaN();
    assertThat(health.age()).isNaN();
    assertThat(health.gapAge(GapKind.MISSING)).isNaN();
  }

  @Test
  void theAgeOfAGapCountsFromTheHealthThatFirstSawItsKind() {
    computed(new GapCounts(2, 0, 0, 0));
    pass(10);
    computed(new GapCounts(1, 0, 5, 0));
    pass(20);

    assertThat(health.value(SyncHealth::lagMinutes)).isEqualTo(7);
    assertThat(health.age()).isEqualTo(20);
    assertThat(health.gapAge(GapKind.MISSING)).isEqualTo(30);
    assertThat(health.gapAge(GapKind.CHANGED)).isEqualTo(20);
    assertThat(health.gapAge(GapKind.ERROR)).isZero();

    computed(new GapCounts(0, 0, 5, 0));
    pass(1);
    assertThat(health.gapAge(GapKind.MISSING)).isZero();
    assertThat(health.gapAge(GapKind.CHANGED)).isEqualTo(21);
    computed(new GapCounts(1, 0, 5, 0));
    pass(1);
    assertThat(health.gapAge(GapKind.MISSING)).isEqualTo(1);
  }

  @Test
  void eachKindIsCounted() {
    GapCounts gaps = new GapCounts(1, 2, 3, 4);
    assertThat(GapKind.values()).hasSize(4);
    assertThat(LastHealth.count(GapKind.MISSING, gaps)).isEqualTo(1);
    assertThat(LastHealth.count(GapKind.ERROR, gaps)).isEqualTo(2);
    assertThat(LastHealth.count(GapKind.CHANGED, gaps)).isEqualTo(3);
    assertThat(LastHealth.count(GapKind.ORPHANED, gaps)).isEqualTo(4);
  }
}
