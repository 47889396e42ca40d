package io.tradesync.internal.live;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.SampleTrades;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.Hint;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class HintWindowsTest {

  private final InMemorySyncLog log = new InMemorySyncLog();
  private final HintWindows windows = new HintWindows(log.entries(), 60);

  private List<KeyRange> around(KeyRange scope, Long... seconds) {
    return windows.around(
        Arrays.stream(seconds).map(second -> new Hint(second, null)).toList(), scope);
  }

  @Test
  void eachHintedSecondHasOneWindow() {
    assertThat(around(KeyRange.all(), T0 + 500, T0, T0 + 500))
        .containsExactly(KeyRange.seconds(T0 - 60, T0 + 61), KeyRange.seconds(T0 + 440, T0 + 561));
  }

  @Test
  void windowsStayWithinTheScope() {
    assertThat(around(KeyRange.from(T0), T0 - 500, T0))
        .containsExactly(KeyRange.seconds(T0, T0 + 61));
  }

  @Test
  void aHintWithoutATimeReadsFromTheNewestProcessedTrade() throws Exception {
    ClaimRequest processed =
        new ClaimRequest(
            SampleTrades.trades(10, 1),
            List.of(),
            ClaimMode.REPAIR,
            EnumSet.allOf(SinkCapability.class),
            "");
    log.transact(null, transaction -> transaction.claim(processed));

    assertThat(around(KeyRange.all(), (Long) null)).containsExactly(KeyRange.from(T0 + 9 - 60));
  }

  @Test
  void aHintWithoutATimeReadsTheScopeWhileNothingIsProcessed() {
    assertThat(around(KeyRange.from(T0), (Long) null)).containsExactly(KeyRange.from(T0));
  }
}
