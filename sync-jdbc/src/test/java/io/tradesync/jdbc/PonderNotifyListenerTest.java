package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tradesync.FailedTrade;
import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class PonderNotifyListenerTest {

  private static final long T = 1_754_400_000L;
  private static final String BLOCK = "[\"order_book_trades\",\"pools\"]";

  private final PonderTables ponder = new PonderTables();
  private final StoreFixture store = new StoreFixture();
  private SyncEngine engine;
  private PonderNotifyListener listener;

  /** A live writer that passes calls on to the engine and records them. */
  private final class RecordingWriter implements LiveWriter {
    final List<String> runs = new CopyOnWriteArrayList<>();
    final AtomicInteger readings = new AtomicInteger();
    volatile Runnable before = () -> {};

    @Override
    public IngestResult ingest(List<Trade> trades) {
      throw new AssertionError("nothing is ingested");
    }

    @Override
    public CatchUpResult catchUp(Collection<Hint> hints) {
      before.run();
      readings.incrementAndGet();
      return engine.catchUp(hints);
    }

    @Override
    public void requestRun(String reason) {
      runs.add(reason);
      engine.requestRun(reason);
    }
  }

  private final RecordingWriter liveWriter = new RecordingWriter();

  @BeforeEach
  void build() {
    ponder.create("integer", "");
    engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(ponder.database.dataSource()).build())
            .log(store.log)
            .sink(store.sink)
            .build();
    listener = on(ponder.database.dataSource());
  }

  private static PonderNotifyListener on(DataSource dataSource) {
    return PonderNotifyListener.builder(dataSource).maxRetryDelay(Duration.ofMillis(100)).build();
  }

  @AfterEach
  void close() {
    listener.close();
    engine.close();
    ponder.close();
    store.database.close();
  }

  /** A block as Ponder writes it: its rows and the notification become visible together. */
  private void block(String channel, String payload, int... numbers) {
    String rows =
        String.join(
            ", ",
            IntStream.of(numbers)
                .mapToObj(
                    i ->
                        String.format(
                            Locale.ROOT, "('t%d', 1, 10, 2, %d, '0x%d', 'Buy', 'p')", i, T + i, i))
                .toList());
    ponder.execute(
        "begin; insert into order_book_trades values "
            + rows
            + "; notify \""
            + channel
            + "\", '"
            + payload
            + "'; commit");
  }

  private void block(int... numbers) {
    block("public_live_query", BLOCK, numbers);
  }

  private long processed() {
    return store.count("select count(*) from sync_log where status = 'processed'");
  }

  private void awaitProcessed(long count) {
    await().untilAsserted(() -> assertThat(processed()).isEqualTo(count));
  }

  private long listeners() {
    return ponder.count(
        "select count(*) from pg_stat_activity where query like 'listen %' and pid <>"
            + " pg_backend_pid() and datname = current_database()");
  }

  @Test
  void aBlockIsInTheStoreWithoutARunAndWithoutRedis() {
    listener.prepare();
    listener.start(liveWriter);
    block(0, 1);
    awaitProcessed(2);
    block(2);
    awaitProcessed(3);
    assertThat(liveWriter.runs).isEmpty();
    assertThat(engine.runs(1)).isEmpty();
    assertThat(listener.health())
        .satisfies(health -> assertThat(health.counter("notifications")).isEqualTo(2));
    await().until(() -> listener.health().up());
  }

  @Test
  void aNotificationBetweenPrepareAndStartIsDelivered() {
    listener.prepare();
    block(0);
    engine.run();
    block(1);
    assertThat(processed()).isEqualTo(1);
    listener.start(liveWriter);
    awaitProcessed(2);
    assertThat(liveWriter.runs).isEmpty();
  }

  @Test
  void emptyBlocksAndOtherTablesAndChannelsDoNotCount() {
    listener.prepare();
    listener.start(liveWriter);
    ponder.execute("notify public_live_query, '[]'");
    ponder.execute("notify public_live_query, '[\"pools\", \"order_book_trades_old\"]'");
    block("other_live_query", BLOCK, 0);
    ponder.execute("notify public_live_query, '" + BLOCK + "'");
    awaitProcessed(1);
    assertThat(listener.health().counter("notifications")).isEqualTo(1);
    assertThat(liveWriter.readings).hasValue(1);
  }

  @Test
  void notificationsThatWaitTogetherAreAnsweredByOneReading() {
    CountDownLatch leave = new CountDownLatch(1);
    listener.prepare();
    startDelivery(() -> awaitLatch(leave));
    for (int i = 1; i <= 50; i++) {
      block(i);
    }
    leave.countDown();
    awaitProcessed(51);
    await()
        .untilAsserted(() -> assertThat(listener.health().counter("notifications")).isEqualTo(51));
    assertThat(liveWriter.readings.get()).isBetween(2, 5);
  }

  /** Starts the listener; returns when its first delivery is at some work. */
  private void startDelivery(Runnable work) {
    CountDownLatch entered = new CountDownLatch(1);
    liveWriter.before =
        () -> {
          entered.countDown();
          work.run();
        };
    listener.start(liveWriter);
    block(0);
    awaitLatch(entered);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLostConnectionIsReplacedAndARunFindsWhatWasNotHeard() {
    ponder.execute(
        String.format(
            Locale.ROOT,
            "insert into order_book_trades values ('old', 1, 10, 2, %d, '0xo', 'Buy', 'p')",
            T - 9_999));
    engine.run();
    listener.prepare();
    listener.start(liveWriter);
    block(0);
    awaitProcessed(2);
    liveWriter.before =
        () -> {
          throw SideUnavailableException.unreachable(Side.STORE, "asleep for a test", null);
        };
    ponder.execute("delete from order_book_trades where id = 'old'");
    // Older than any reading of what is new goes back, so that only a run finds it.
    ponder.execute(
        String.format(
            Locale.ROOT,
            "insert into order_book_trades values ('late', 1, 10, 2, %d, '0xl', 'Buy', 'p')",
            T - 9_998));
    killListeners();
    awaitProcessed(3);
    liveWriter.before = () -> {};
    await().until(() -> listener.health().up());
    assertThat(listener.health().totalLosses()).isEqualTo(1);
    assertThat(liveWriter.runs).containsExactly("nothing listened to public_live_query for a time");
    block(1);
    await()
        .untilAsserted(
            () ->
                assertThat(
                        store.count("select count(*) from analytics_trades where trade_id = 't1'"))
                    .isEqualTo(1));
  }

  private void killListeners() {
    ponder.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and pid"
            + " <> pg_backend_pid() and datname = current_database()");
  }

  @Test
  void anOutageOfASideLosesNothing() {
    AtomicBoolean gone = new AtomicBoolean(true);
    liveWriter.before =
        () -> {
          if (gone.get()) {
            throw SideUnavailableException.unreachable(Side.STORE, "gone for a test", null);
          }
        };
    listener.prepare();
    listener.start(liveWriter);
    block(0);
    await().untilAsserted(() -> assertThat(listener.health().reason()).contains("gone for a test"));
    block(1);
    assertThat(processed()).isZero();
    gone.set(false);
    awaitProcessed(2);
    await().until(() -> listener.health().up());
    assertThat(liveWriter.runs).isEmpty();
  }

  @Test
  void aDatabaseThatIsUnreachableAtTheStartIsListenedToLaterAndARunFollows() {
    PGSimpleDataSource wrong = new PGSimpleDataSource();
    wrong.setUrl("jdbc:postgresql://127.0.0.1:1/ponder?user=u&password=s3cret");
    AtomicBoolean there = new AtomicBoolean();
    listener =
        on(
            new ChosenConnections() {
              @Override
              public Connection getConnection() throws SQLException {
                return (there.get() ? ponder.database.dataSource() : wrong).getConnection();
              }
            });
    listener.prepare();
    listener.start(liveWriter);
    assertThat(listener.health().up()).isFalse();
    assertThat(listener.health().reason()).contains("refused").doesNotContain("s3cret");
    ponder.execute("insert into order_book_trades values ('a', 1, 10, 2, 5, '0xo', 'Buy', 'p')");
    there.set(true);
    awaitProcessed(1);
    await().until(() -> listener.health().up());
    assertThat(liveWriter.runs).hasSize(1);
  }

  @Test
  void aRoleThatMayOnlyReadIsEnoughAndNoTransactionIsLeftOpen() {
    try (PonderRole role = new PonderRole(ponder)) {
      listener.close();
      listener = on(role.dataSource());
      listener.prepare();
      listener.start(liveWriter);
      block(0);
      awaitProcessed(1);
      assertThat(
              ponder.count(
                  "select count(*) from pg_stat_activity where usename = '"
                      + role.name
                      + "' and state = 'idle'"))
          .isEqualTo(1);
      listener.close();
    }
  }

  @Test
  void aPooledConnectionNoLongerListensWhenItIsGivenBack() throws SQLException {
    listener.close();
    listener = on(ponder.database.dataSource());
    listener.prepare();
    listener.start(liveWriter);
    block(0);
    awaitProcessed(1);
    listener.close();
    try (Connection connection = ponder.database.dataSource().getConnection();
        var statement = connection.createStatement();
        var channels = statement.executeQuery("select * from pg_listening_channels()")) {
      assertThat(channels.next()).isFalse();
    }
  }

  @Test
  void aListenerThatWasOnlyPreparedGivesItsConnectionBack() {
    listener.prepare();
    listener.prepare();
    assertThat(listeners()).isEqualTo(1);
    listener.close();
    await().untilAsserted(() -> assertThat(listeners()).isZero());
  }

  @Test
  void itStartsOnceAndNotAfterItsClose() {
    listener.start(liveWriter);
    assertThatIllegalStateException().isThrownBy(() -> listener.start(liveWriter));
    listener.close();
    listener.close();
    assertThat(listener.health().reason()).isEqualTo("closed");
    assertThatIllegalStateException().isThrownBy(() -> listener.start(liveWriter));
    assertThatIllegalStateException().isThrownBy(listener::prepare);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("tradesync-notify"));
  }

  @Test
  void closeInterruptsALiveWriterThatDoesNotReturn() {
    CountDownLatch interrupted = new CountDownLatch(1);
    startDelivery(
        () -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });

    listener.close(Duration.ofMillis(50));

    awaitLatch(interrupted);
    assertThat(listener.health().reason()).isEqualTo("closed");
  }

  @Test
  void aSecondCloseWaitsForWhatEndsSoonAfterTheInterrupt() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    startDelivery(
        () -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            // As a transaction that is rolled back.
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            ended.set(true);
          }
        });

    listener.close(Duration.ZERO);
    listener.close(Duration.ofSeconds(10));

    assertThat(ended).isTrue();
  }

  @Test
  void closeWaitsOnceOnlyForALiveWriterThatIgnoresTheInterrupt() {
    CountDownLatch leave = new CountDownLatch(1);
    startDelivery(
        () -> {
          while (leave.getCount() > 0) {
            Thread.onSpinWait();
          }
        });
    listener.close(Duration.ofMillis(50));

    long began = System.nanoTime();
    listener.close(Duration.ofMinutes(1));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    leave.countDown();
  }

  @Test
  void closeDoesNotWaitForAConnectionThatIsBeingOpened() {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    listener =
        on(
            new ChosenConnections() {
              @Override
              public Connection getConnection() throws SQLException {
                opening.countDown();
                awaitLatch(open);
                return ponder.database.dataSource().getConnection();
              }
            });
    CompletableFuture<Boolean> preparing =
        ConcurrentTask.run(
            () -> {
              listener.prepare();
              return true;
            });
    awaitLatch(opening);

    listener.close(Duration.ofMillis(50));
    assertThat(preparing).isNotDone();
    open.countDown();

    assertThat(preparing).succeedsWithin(Duration.ofMinutes(1));
    await().untilAsserted(() -> assertThat(listeners()).isZero());
  }

  @Test
  void theLiveWriterMayCloseIt() {
    liveWriter.before = listener::close;
    listener.start(liveWriter);
    block(0);
    await().untilAsserted(() -> assertThat(listener.health().reason()).isEqualTo("closed"));
    awaitProcessed(1);
  }

  @Test
  void theSchemaTheTableAndTheChannelAreSettings() {
    listener.close();
    listener =
        PonderNotifyListener.builder(ponder.database.dataSource())
            .schema("My App")
            .table("my\"trades")
            .build();
    listener.start(liveWriter);
    block("My App_live_query", "[\"my\\\"trades\"]", 0);
    awaitProcessed(1);
    listener.close();
    listener = PonderNotifyListener.builder(ponder.database.dataSource()).channel("own").build();
    listener.start(liveWriter);
    block("own", BLOCK, 1);
    awaitProcessed(2);
  }

  @Test
  void settingsAreChecked() {
    PonderNotifyListener.Builder builder =
        PonderNotifyListener.builder(ponder.database.dataSource());
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder.schema(""))
        .withMessageContaining("schema must not be empty");
    assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> builder.table(""));
    assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> builder.channel(""));
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder.maxRetryDelay(Duration.ZERO));
  }

  /** A data source whose connections a test chooses. */
  private abstract static class ChosenConnections extends PGSimpleDataSource {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aRowThatIsNoTradeCostsItselfAndTheListenerGoesOn() {
    listener.prepare();
    listener.start(liveWriter);
    ponder.execute(
        "begin; insert into order_book_trades values ('bad', 1, 'NaN', 2, "
            + (T + 1)
            + ", '0x', 'Buy', 'p'); notify public_live_query, '"
            + BLOCK
            + "'; commit");
    block(0, 1, 2);
    awaitProcessed(3);
    await().until(() -> engine.failedTrades(TradeKey.MIN, 10).size() == 1);
    block(3);
    awaitProcessed(4);

    assertThat(engine.failedTrades(TradeKey.MIN, 10))
        .extracting(FailedTrade::key, FailedTrade::reason, FailedTrade::parked)
        .containsExactly(
            tuple(new TradeKey(T + 1, "bad"), "price NaN is not a finite number", true));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
    assertThat(listener.health().up()).isTrue();

    ponder.execute(
        "begin; update order_book_trades set price = 1 where id = 'bad'; notify"
            + " public_live_query, '"
            + BLOCK
            + "'; commit");
    awaitProcessed(5);
    await().until(() -> engine.failedTrades(TradeKey.MIN, 10).isEmpty());
    assertThat(engine.runs(10)).isEmpty();
  }
}
