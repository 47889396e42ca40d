package io.tradesync.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an {@link AnalyticsSink} promises, as tests; a {@link TransactionalSink} is written through
 * a log's transactions. To prove a sink, extend this class and say how to make an empty one and how
 * to read what it holds:
 *
 * <pre>{@code
 * class MySinkTest extends AnalyticsSinkContract {
 *   private final MyStore store = new MyStore();
 *
 *   protected AnalyticsSink emptySink() {
 *     return new MySink(store);
 *   }
 *
 *   protected Collection<Trade> held() {
 *     return store.rows();
 *   }
 * }
 * }</pre>
 *
 * <p>A sink is tested for the kinds of change that it declares in {@link
 * AnalyticsSink#capabilities()}; of the others it is tested that an engine never sends them.
 */
public abstract class AnalyticsSinkContract {

  /** The second that the trades of these tests begin at. */
  protected static final long T = 1_754_400_000L;

  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
  private static final int THREADS = 8;

  private AnalyticsSink sink;
  private SyncLog log;
  private int batches;

  /** For subclasses. */
  protected AnalyticsSinkContract() {}

  /**
   * Makes a sink that holds nothing; called once before each test.
   *
   * @return a sink that is ready to be written to, or a {@link TransactionalSink} that is not
   *     prepared yet
   * @throws Exception to fail the test
   */
  protected abstract AnalyticsSink emptySink() throws Exception;

  /**
   * Reads what the sink made durable, not by way of the sink and not in a transaction of its own.
   *
   * @return the trades, in any order; one that was written twice is in it twice if neither the sink
   *     nor its reader {@linkplain #discardsRepeats() discards repeats}
   * @throws Exception to fail the test
   */
  protected abstract Collection<Trade> held() throws Exception;

  /**
   * The log whose transactions a {@link TransactionalSink} joins; not called for other sinks.
   * Called once before each test, after {@link #emptySink()}.
   *
   * @return an empty log that {@link SyncLog#prepare()} was not yet called on
   * @throws Exception to fail the test
   */
  protected SyncLog emptyLog() throws Exception {
    throw new UnsupportedOperationException(
        "the test of a TransactionalSink must override emptyLog()");
  }

  /**
   * Tells whether a change that is written again leaves the same trades as if it was written once:
   * the sink, or its reader, discards a change that it has, by the batch's idempotency key or the
   * trade's key and fingerprint.
   *
   * @return true by default. A {@link TransactionalSink} is never sent a change again and may say
   *     no; with any other sink, a crash can then make a trade count twice
   */
  protected boolean discardsRepeats() {
    return true;
  }

  /**
   * What the sink keeps of a trade.
   *
   * @param trade a trade that was written
   * @return the trade as {@link #held()} gives it back; by default equal to it
   */
  protected Trade kept(Trade trade) {
    return trade;
  }

  /**
   * Tells whether the sink has a form for a trade at all. One that it has none for must be refused
   * by an exception, and never be held as something else.
   *
   * @param trade a trade that a source may hold
   * @return true by default
   */
  protected boolean canHold(Trade trade) {
    return true;
  }

  /**
   * Makes the sink fail to write, if that can be arranged.
   *
   * @return whether the sink fails now
   * @throws Exception to fail the test
   */
  protected boolean cutOff() throws Exception {
    return false;
  }

  /**
   * Takes {@link #cutOff()} back.
   *
   * @throws Exception to fail the test
   */
  protected void reconnect() throws Exception {}

  @BeforeEach
  void make() throws Exception {
    sink = emptySink();
    if (sink instanceof TransactionalSink<?> joining) {
      log = emptyLog();
      log.prepare();
      prepare(joining);
    } else {
      log = new InMemorySyncLog();
    }
  }

  private <T> void prepare(TransactionalSink<T> joining) throws Exception {
    boolean ignored =
        log.transact(
            null,
            transaction -> {
              joining.prepare(log.service(), joining.transactionType().cast(transaction.handle()));
              return true;
            });
  }

  // What the tests are made of

  private static Trade trade(String id, long second, long price) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(2))
        .transactionId("0x" + id)
        .side("Buy")
        .build();
  }

  private static List<Trade> trades(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> trade("t%04d".formatted(i), T + i / 3, i + 1))
        .toList();
  }

  private static TradeChange insert(Trade trade) {
    return new TradeChange.Insert(trade);
  }

  private static TradeChange replace(Trade trade) {
    return new TradeChange.Replace(trade.key(), trade);
  }

  private TradeBatch batch(boolean forced, Collection<? extends TradeChange> changes) {
    List<TradeChange> inOrder = new ArrayList<>(changes);
    inOrder.sort(Comparator.comparing(TradeChange::key));
    return new TradeBatch(log.service(), "batch-" + batches++, forced, inOrder);
  }

  private void write(TradeChange... changes) throws Exception {
    write(batch(false, Arrays.asList(changes)));
  }

  private void insert(Collection<Trade> trades) throws Exception {
    write(batch(false, trades.stream().map(TradeChange.Insert::new).toList()));
  }

  private void write(TradeBatch batch) throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      join(joining, batch, false);
    } else {
      sink.write(batch);
    }
  }

  private <T> void join(TransactionalSink<T> joining, TradeBatch batch, boolean fails)
      throws Exception {
    boolean ignored =
        log.transact(
            null,
            transaction -> {
              joining.write(batch, joining.transactionType().cast(transaction.handle()));
              if (fails) {
                throw new IOException("after the batch was written");
              }
              return true;
            });
  }

  /** Whether a change can come twice: in the log's transaction it cannot. */
  private boolean canComeAgain() {
    return discardsRepeats() || !(sink instanceof TransactionalSink);
  }

  private boolean can(SinkCapability... capabilities) {
    return sink.capabilities().containsAll(List.of(capabilities));
  }

  /** Each trade is held once, and nothing besides. */
  private void assertHeld(Trade... trades) throws Exception {
    assertHeld(List.of(trades));
  }

  private void assertHeld(Collection<Trade> trades) throws Exception {
    assertThat(byKey(held())).isEqualTo(byKey(trades.stream().map(this::kept).toList()));
  }

  private Map<TradeKey, List<Trade>> byKey(Collection<Trade> trades) {
    Map<TradeKey, List<Trade>> byKey = new TreeMap<>();
    for (Trade trade : trades) {
      List<Trade> there = byKey.computeIfAbsent(trade.key(), key -> new ArrayList<>());
      if (discardsRepeats() || !there.contains(trade)) {
        there.add(trade);
      }
    }
    return byKey;
  }

  // Inserts

  @Test
  void itUnderstandsInsertsAndAlwaysTheSameKinds() {
    Set<SinkCapability> capabilities = Set.copyOf(sink.capabilities());

    assertThat(capabilities).contains(SinkCapability.INSERT);
    assertThat(sink.capabilities()).isEqualTo(capabilities);
  }

  @Test
  void whatIsInsertedIsHeldOnceTheWriteReturns() throws Exception {
    assertHeld();
    insert(trades(1));
    assertHeld(trades(1));
    insert(trades(700).subList(1, 700));
    assertHeld(trades(700));
  }

  @Test
  void everyColumnIsHeldExactly() throws Exception {
    List<Trade> odd =
        List.of(
            trade(" ", T, 1),
            trade("'; -- \\ \"%s\" ?:{x}", T, 1),
            trade("ä€\ufffd\ud834\udd1e", T, 1),
            trade("a", -T, 1),
            Trade.builder("large", T, Integer.MAX_VALUE, "0xPool")
                .price(LARGEST)
                .quantity(LARGEST)
                .transactionId("")
                .side("Sell")
                .build(),
            Trade.builder("more", T, 1, "pool")
                .attribute("fee", "0.3, \"x\"")
                .attribute("maker", null)
                .build(),
            Trade.builder("null", T, 2, "").build(),
            Trade.builder("small", T, 1, "pool")
                .price(new BigDecimal("0.000000000000000001"))
                .quantity(BigDecimal.ZERO)
                .build());
    List<Trade> possible = odd.stream().filter(this::canHold).toList();
    insert(possible);
    for (Trade trade : odd) {
      if (!canHold(trade)) {
        assertThatThrownBy(() -> insert(List.of(trade))).isInstanceOf(Exception.class);
      }
    }
    assertHeld(possible);
  }

  @Test
  void keysThatShareTheirSecondOrTheirLettersAreToldApart() throws Exception {
    Trade a = trade("a", T, 1);
    Trade upper = trade("A", T, 2);
    Trade later = trade("a ", T, 3);
    insert(List.of(upper, a, later));
    assertHeld(a, upper, later);
  }

  // The same again: a process that dies between the sink and the log

  @Test
  void aBatchThatIsWrittenAgainLeavesTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(20);
    TradeBatch batch = batch(false, trades.stream().map(TradeChange.Insert::new).toList());
    for (int i = 0; i < 3; i++) {
      write(batch);
      assertHeld(trades);
    }
  }

  @Test
  void tradesThatComeAgainInOtherBatchesLeaveTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(20);
    insert(trades.subList(0, 10));
    insert(trades.subList(5, 20));
    insert(trades.subList(3, 4));
    assertHeld(trades);
  }

  @Test
  void aTradeThatComesAgainWithOtherContentIsNotTakenForTheSame() throws Exception {
    if (!canComeAgain()) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade first = trade("a", T, 1);
    Trade second = trade("a", T, 2);
    insert(List.of(first));
    insert(List.of(second));

    assertThat(held()).contains(kept(second));
    if (can(SinkCapability.REPLACE)) {
      assertHeld(second);
    }
  }

  @Test
  void replacementsAndRetractionsThatComeAgainLeaveTheSame() throws Exception {
    if (sink instanceof TransactionalSink || !can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade gone = trade("c", T + 2, 1);
    insert(List.of(trade("a", T, 1), trade("b", T + 1, 1), gone));
    Trade changed = trade("a", T, 5);
    Trade moved = trade("b", T + 9, 5);
    TradeBatch batch =
        batch(
            false,
            List.of(
                replace(changed),
                new TradeChange.Replace(new TradeKey(T + 1, "b"), moved),
                new TradeChange.Retract(gone.key())));
    write(batch);
    write(batch);
    write(new TradeChange.Replace(new TradeKey(T + 1, "b"), moved));
    write(new TradeChange.Retract(gone.key()), replace(changed));
    assertHeld(changed, moved);
  }

  // Replacements and retractions

  @Test
  void aReplacedTradeIsHeldWithItsNewContentOnly() throws Exception {
    if (!can(SinkCapability.REPLACE)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(5);
    insert(trades);
    Trade changed = trade("t0001", T, 99);
    write(replace(changed));
    assertHeld(trades.get(0), changed, trades.get(2), trades.get(3), trades.get(4));

    Trade withoutNumbers = Trade.builder("t0001", T, 7, "other").build();
    write(replace(withoutNumbers));
    write(replace(trades.get(3)));
    assertHeld(trades.get(0), withoutNumbers, trades.get(2), trades.get(3), trades.get(4));
  }

  @Test
  void aForcedBatchWritesAgainWhatIsThere() throws Exception {
    if (!can(SinkCapability.REPLACE)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(10);
    insert(trades.subList(0, 8));
    List<TradeChange> changes = new ArrayList<>();
    trades.subList(0, 8).forEach(trade -> changes.add(replace(trade)));
    trades.subList(8, 10).forEach(trade -> changes.add(insert(trade)));
    write(batch(true, changes));
    completeDeferred();
    write(batch(true, trades.stream().map(AnalyticsSinkContract::replace).toList()));
    completeDeferred();
    assertHeld(trades);
  }

  @Test
  void aTradeThatMovedIsHeldAtItsNewKeyOnly() throws Exception {
    if (!can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade a = trade("a", T, 1);
    Trade b = trade("b", T + 100, 1);
    Trade c = trade("c", T + 50, 1);
    insert(List.of(a, c, b));
    Trade later = trade("a", T + 100, 3);
    Trade earlier = trade("b", T, 4);
    write(new TradeChange.Replace(a.key(), later), new TradeChange.Replace(b.key(), earlier));
    assertHeld(earlier, c, later);

    write(new TradeChange.Replace(later.key(), a));
    assertHeld(a, earlier, c);
  }

  @Test
  void aRetractedTradeIsNoLongerHeldAndCanComeBack() throws Exception {
    if (!can(SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    List<Trade> trades = trades(4);
    insert(trades);
    write(
        new TradeChange.Retract(trades.get(0).key()), new TradeChange.Retract(trades.get(2).key()));
    assertHeld(trades.get(1), trades.get(3));

    insert(List.of(trades.get(2)));
    Trade elsewhere = trade("t0000", T + 60, 9);
    insert(List.of(elsewhere));
    assertHeld(trades.get(1), trades.get(2), trades.get(3), elsewhere);
  }

  @Test
  void oneBatchCanHoldAllKindsOfChange() throws Exception {
    if (!can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
      assertThatNothingUndeclaredIsSent();
      return;
    }
    Trade changing = trade("a", T, 1);
    Trade leaving = trade("b", T + 1, 1);
    Trade moving = trade("c", T + 2, 1);
    // Both at its new key and at its old one, as after a move that nobody saw.
    Trade twice = trade("d", T + 3, 1);
    Trade twiceLater = trade("d", T + 30, 1);
    insert(List.of(changing, leaving, moving, twice, twiceLater));

    Trade changed = trade("a", T, 2);
    Trade moved = trade("c", T - 20, 2);
    Trade once = trade("d", T + 30, 2);
    Trade fresh = trade("e", T + 1, 2);
    write(
        replace(changed),
        new TradeChange.Retract(leaving.key()),
        new TradeChange.Replace(moving.key(), moved),
        new TradeChange.Retract(twice.key()),
        replace(once),
        insert(fresh));
    assertHeld(moved, changed, fresh, once);
  }

  // Failures

  @Test
  void aBatchThatFailedIsCarriedOutWhenItIsTriedAgain() throws Exception {
    List<Trade> trades = trades(20);
    insert(trades.subList(0, 5));
    TradeBatch batch =
        batch(false, trades.subList(5, 20).stream().map(TradeChange.Insert::new).toList());
    if (cutOff()) {
      assertThatThrownBy(() -> write(batch)).isInstanceOf(Exception.class);
      reconnect();
    }
    sink.probe();
    write(batch);
    assertHeld(trades);
  }

  @Test
  void aFailureThatIsNoneOfItsOwnIsLeftToOthersToSort() {
    assertThat(sink.classify(new IllegalStateException("no kind of mine"))).isEmpty();
  }

  // Threads

  @Test
  void manyThreadsWriteAtOnceAndWaitForNoneOfEachOther() throws Exception {
    List<Callable<Boolean>> work = new ArrayList<>();
    List<Trade> all = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      List<TradeBatch> own = new ArrayList<>();
      for (int number = 0; number < 6; number++) {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          // Neighbours in time belong to different threads.
          trades.add(trade("t" + thread + "-" + number, T + (i * 40 + number * 7) % 320, i + 1));
        }
        trades.replaceAll(t -> trade(t.id() + "-" + t.epochSecond(), t.epochSecond(), 3));
        all.addAll(trades);
        own.add(batch(false, trades.stream().map(TradeChange.Insert::new).toList()));
      }
      work.add(
          () -> {
            for (TradeBatch batch : own) {
              write(batch);
            }
            return true;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      for (Future<Boolean> done : threads.invokeAll(work, 60, SECONDS)) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    assertHeld(all);
  }

  // Transactions

  @Test
  void itJoinsTheLogsTransactionAndLeavesItsEndToTheLog() throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      joins(joining);
    } else {
      assertThatNothingUndeclaredIsSent();
    }
  }

  private <T> void joins(TransactionalSink<T> joining) throws Exception {
    List<Trade> trades = trades(6);
    assertThat(joining.transactionType().isAssignableFrom(log.transactionType())).isTrue();
    assertThatThrownBy(() -> joining.write(batch(false, List.of(insert(trades.get(0))))))
        .isInstanceOf(UnsupportedOperationException.class);
    TradeBatch batch = batch(false, trades.stream().map(TradeChange.Insert::new).toList());
    assertThatThrownBy(() -> join(joining, batch, true)).hasMessage("after the batch was written");
    assertHeld();

    ClaimRequest request =
        new ClaimRequest(trades, List.of(), ClaimMode.NEW, joining.capabilities(), "r");
    Claim claim =
        log.transact(
            null,
            transaction -> {
              Claim claimed = transaction.claim(request);
              T handle = joining.transactionType().cast(transaction.handle());
              joining.write(batch(false, claimed.changes()), handle);
              assertThat(held()).isEmpty();
              return claimed;
            });
    assertThat(claim.changes()).hasSize(6);
    assertHeld(trades);
    assertThat(log.entries().page(List.of(KeyRange.all()), 100)).hasSize(6);
  }

  @Test
  void itCanBePreparedAgainAndKeepsWhatItHolds() throws Exception {
    insert(trades(3));
    if (sink instanceof TransactionalSink<?> joining) {
      prepare(joining);
    }
    assertHeld(trades(3));
  }

  @Test
  void whatItPutOffIsSettledInTheEnd() throws Exception {
    insert(trades(30));
    completeDeferred();
    completeDeferred();
    assertHeld(trades(30));
  }

  private void completeDeferred() throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      int calls = 0;
      while (completesDeferred(joining)) {
        assertThat(++calls).as("calls of completeDeferred").isLessThan(1_000);
      }
    }
  }

  private <T> boolean completesDeferred(TransactionalSink<T> joining) throws Exception {
    return log.transact(
        null, t -> joining.completeDeferred(joining.transactionType().cast(t.handle())));
  }

  // With an engine

  @Test
  void anEngineSendsWhatTheSinkDeclaresAndReportsTheRest() throws Exception {
    assertThatNothingUndeclaredIsSent();
  }

  /** Runs an engine through every kind of gap. */
  private void assertThatNothingUndeclaredIsSent() throws Exception {
    Set<TradeChange> undeclared = ConcurrentHashMap.newKeySet();
    InMemoryTradeSource source = new InMemoryTradeSource();
    List<Trade> trades = trades(12);
    source.putAll(trades);
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(source)
            .log(log)
            .sink(watched(undeclared))
            .orphanGrace(Duration.ZERO)
            .batchSize(5)
            .build()) {
      Set<TradeKey> before = new HashSet<>(byKey(held()).keySet());
      assertThat(engine.run().processed()).isEqualTo(12);
      assertHeldBesides(before, trades);
      assertThat(engine.run().total()).isZero();

      Trade changed = trade("t0001", T, 1_000);
      Trade moved = trade("t0002", T + 900, 1_000);
      source.put(changed, moved, trade("t0050", T + 70, 1));
      source.remove("t0003");
      SyncResult repaired = engine.run();
      assertThat(repaired.errors()).isZero();
      GapCounts left = engine.health().gaps();
      assertThat(left.error()).isZero();
      assertThat(left.changed()).isEqualTo(can(SinkCapability.REPLACE) ? 0 : 1);
      if (can(SinkCapability.REPLACE, SinkCapability.RETRACT)) {
        assertThat(left).isEqualTo(GapCounts.NONE);
        assertHeldBesides(before, source.trades());
      } else {
        assertThat(left.total()).isPositive();
      }
      if (can(SinkCapability.REPLACE)) {
        assertThat(engine.forceFromEpochSecond(T - 1).errors()).isZero();
      } else {
        assertThatThrownBy(() -> engine.forceFromEpochSecond(T - 1))
            .isInstanceOf(TradesyncException.class)
            .hasMessageContaining("REPLACE");
      }
    }
    assertThat(undeclared).isEmpty();
  }

  private void assertHeldBesides(Set<TradeKey> before, List<Trade> trades) throws Exception {
    Map<TradeKey, List<Trade>> wanted = byKey(trades.stream().map(this::kept).toList());
    Map<TradeKey, List<Trade>> held = byKey(held());
    held.keySet().removeIf(key -> before.contains(key) && !wanted.containsKey(key));
    assertThat(held).isEqualTo(wanted);
  }

  private AnalyticsSink watched(Set<TradeChange> undeclared) {
    return sink instanceof TransactionalSink<?> joining
        ? new Joining<>(joining, undeclared)
        : new Plain(sink, undeclared);
  }

  private static void watch(TradeBatch batch, AnalyticsSink sink, Set<TradeChange> undeclared) {
    for (TradeChange change : batch.changes()) {
      SinkCapability needed =
          change instanceof TradeChange.Insert
              ? SinkCapability.INSERT
              : change instanceof TradeChange.Replace
                  ? SinkCapability.REPLACE
                  : SinkCapability.RETRACT;
      if (!sink.capabilities().contains(needed)) {
        undeclared.add(change);
      }
    }
  }

  private record Plain(AnalyticsSink sink, Set<TradeChange> undeclared) implements AnalyticsSink {
    @Override
    public void write(TradeBatch batch) throws Exception {
      watch(batch, sink, undeclared);
      sink.write(batch);
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return sink.capabilities();
    }
  }

  private record Joining<T>(TransactionalSink<T> sink, Set<TradeChange> undeclared)
      implements TransactionalSink<T> {
    @Override
    public Class<T> transactionType() {
      return sink.transactionType();
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return sink.capabilities();
    }

    @Override
    public void write(TradeBatch batch, T transaction) throws Exception {
      watch(batch, sink, undeclared);
      sink.write(batch, transaction);
    }

    @Override
    public void prepare(String service, T transaction) throws Exception {
      sink.prepare(service, transaction);
    }

    @Override
    public boolean completeDeferred(T transaction) throws Exception {
      return sink.completeDeferred(transaction);
    }
  }
}
