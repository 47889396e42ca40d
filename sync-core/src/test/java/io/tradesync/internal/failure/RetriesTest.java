package io.tradesync.internal.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.MinimalSource;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RetriesTest {

  private final TradeSource source = new MinimalSource(new InMemoryTradeSource());
  private final FailureClassifier failures =
      new FailureClassifier(source, new InMemorySyncLog(), batch -> {});
  private final List<FailureKind> again = new ArrayList<>();
  private final ActivityListener heard =
      new ActivityListener() {
        @Override
        public void tryingAgain(FailureKind kind) {
          again.add(kind);
        }
      };
  private final Retries retries = new Retries(failures, 3, Duration.ofMillis(1), heard);
  private final AtomicInteger calls = new AtomicInteger();

  private Callable<String> failing(int times, Exception failure) {
    return () -> {
      if (calls.incrementAndGet() <= times) {
        throw failure;
      }
      return "done";
    };
  }

  @Test
  void onlyWhatMayPassIsTriedAgain() throws Exception {
    assertThat(retries.call(failing(2, new IOException("reset")))).isEqualTo("done");
    assertThat(calls).hasValue(3);
    calls.set(0);
    assertThatThrownBy(() -> retries.call(failing(1, new IllegalStateException("bad"))))
        .hasMessage("bad");
    assertThat(calls).hasValue(1);
    calls.set(0);
    assertThat(retries.patiently(failing(2, new IllegalStateException("bad")))).isEqualTo("done");
    assertThat(calls).hasValue(3);
    assertThat(again)
        .containsExactly(
            FailureKind.NETWORK, FailureKind.NETWORK, FailureKind.UNKNOWN, FailureKind.UNKNOWN);
  }

  @Test
  void whatIsFinalIsNeverTriedAgain() {
    LeaseLostException lost = new LeaseLostException(new FencingToken(LeaseKind.RUN, "r", 1));
    assertThatThrownBy(() -> retries.patiently(failing(1, lost))).isSameAs(lost);
    assertThat(calls).hasValue(1);
    calls.set(0);
    SideUnavailableException slow = SideUnavailableException.tooSlow(Side.SOURCE, "page", null);
    assertThatThrownBy(() -> retries.call(failing(1, slow))).isSameAs(slow);
    assertThat(calls).hasValue(1);
  }

  @Test
  @Timeout(10)
  void anInterruptEndsTheRetriesAndStaysToBeSeen() {
    Retries slow = new Retries(failures, 5, Duration.ofMinutes(1), heard);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> slow.patiently(failing(9, new IOException("reset"))))
        .hasMessage("reset");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(calls).hasValue(1);
  }

  @Test
  void aSidesFailureNamesTheSide() {
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> retries.on(Side.SINK, failing(9, new IOException("reset"))))
        .withMessage("the sink is not available: reset")
        .withCauseInstanceOf(IOException.class);
    InvalidSettingException wrong = new InvalidSettingException("table", "x", "must exist");
    assertThatThrownBy(() -> retries.on(Side.SINK, failing(9, wrong))).isSameAs(wrong);
  }

  @Test
  void anInterfaceWithRetriesAnswersAsItsTarget() {
    InMemoryTradeSource trades = new InMemoryTradeSource();
    trades.put(Trade.builder("a", 1, 1, "p").build());
    TradeSource flaky =
        new MinimalSource(trades) {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            if (calls.incrementAndGet() % 2 == 1) {
              throw SideUnavailableException.unreachable(Side.SOURCE, "reset", null);
            }
            return super.page(range, limit);
          }
        };
    TradeSource patient = retries.around(TradeSource.class, flaky, Side.SOURCE);
    assertThat(patient.page(KeyRange.all(), 1).rows()).hasSize(1);
    assertThat(patient.count(KeyRange.all())).isEqualTo(1);
    assertThat(patient.first(KeyRange.all())).isPresent();
    assertThat(patient).hasToString(flaky.toString());
  }
}
