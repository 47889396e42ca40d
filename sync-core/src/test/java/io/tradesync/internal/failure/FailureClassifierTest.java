package io.tradesync.internal.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TradeBatch;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FailureClassifierTest {

  private static FailureClassifier classifier(AnalyticsSink sink) {
    return new FailureClassifier(new InMemoryTradeSource(), new InMemorySyncLog(), sink);
  }

  private static FailureKind kind(Throwable failure) {
    return classifier(batch -> {}).kind(failure);
  }

  static Stream<Throwable> networkFailures() {
    return Stream.of(
        new IOException("reset"),
        new IllegalStateException(new RuntimeException(new IOException("reset"))),
        new SocketTimeoutException("read"),
        new TimeoutException(),
        new RuntimeException(new TimeoutException("3 s")),
        new SQLTransientConnectionException("pool is empty"),
        new SQLNonTransientConnectionException("refused"),
        new SQLRecoverableException("closed"),
        new SQLTimeoutException("late"),
        new RuntimeException(new HttpTimeoutException("request timed out")),
        new OfADriver(),
        SideUnavailableException.unreachable(Side.SINK, "gone", null));
  }

  private static final class OfADriver extends SQLRecoverableException {
    private static final long serialVersionUID = 1L;
  }

  @ParameterizedTest
  @MethodSource("networkFailures")
  void aNetworkFailureIsFoundAmongTheCauses(Throwable failure) {
    assertThat(kind(failure)).isEqualTo(FailureKind.NETWORK);
  }

  @Test
  void anythingElseIsOfUnknownKind() {
    assertThat(kind(new IllegalArgumentException("bad"))).isEqualTo(FailureKind.UNKNOWN);
  }

  @Test
  void causesThatFormACircleDoNoHarm() {
    Exception first = new Exception("first");
    Exception second = new Exception("second", first);
    first.initCause(second);

    assertThat(kind(first)).isEqualTo(FailureKind.UNKNOWN);
  }

  @Test
  void theSinkSortsItsOwnFailures() {
    AnalyticsSink sink =
        new AnalyticsSink() {
          @Override
          public void write(TradeBatch batch) {}

          @Override
          public Optional<FailureKind> classify(Throwable failure) {
            return Optional.of(FailureKind.DATA);
          }
        };

    assertThat(classifier(sink).kind(new IOException("x"))).isEqualTo(FailureKind.DATA);
  }

  @Test
  void namedTradesAreBadEvenIfTheNetworkFailedToo() {
    Map<TradeKey, String> bad = Map.of(new TradeKey(1, "a"), "no price");
    BadTradesException named = new BadTradesException(bad);
    named.initCause(new IOException("reset"));
    Exception failure = new IllegalStateException(named);

    assertThat(kind(failure)).isEqualTo(FailureKind.DATA);
    assertThat(FailureClassifier.badTrades(failure)).isEqualTo(bad);
  }
}
