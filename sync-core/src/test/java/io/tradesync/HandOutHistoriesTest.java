package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random histories of a sink outside the log's transaction whose answers are lost, with a live path
 * that brings what is current, stale or moved. In the end, receivers that go by revision, by id,
 * and by key must hold what the source holds.
 */
class HandOutHistoriesTest {

  private static final Duration GRACE = Duration.ofSeconds(60);

  /** Three receivers of the same requests. Only the one by revision gets them again later. */
  private static final class Receivers implements AnalyticsSink {
    private final Random random;
    private final Map<String, Long> applied = new HashMap<>();
    private final Map<String, Trade> byRevision = new TreeMap<>();
    private final Map<String, Trade> byId = new TreeMap<>();
    private final Map<TradeKey, Trade> byKey = new TreeMap<>();
    private final List<TradeChange> received = new ArrayList<>();
    private final List<String> story;
    private boolean calm;

    Receivers(Random random, List<String> story) {
      this.random = random;
      this.story = story;
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }

    @Override
    public void write(TradeBatch batch) throws Exception {
      int what = calm ? 9 : random.nextInt(6);
      story.add("  " + what + " " + batch.changes());
      if (what == 0) {
        received.addAll(batch.changes());
        throw new IOException("not received yet");
      }
      if (what == 1) {
        TradeKey bad = batch.changes().get(random.nextInt(batch.changes().size())).key();
        throw new BadTradesException(Map.of(bad, "no such pool"));
      }
      batch.changes().forEach(this::apply);
      received.addAll(batch.changes());
      if (what == 2) {
        throw new IOException("no answer");
      }
      if (what == 3) {
        throw new IllegalArgumentException("no answer");
      }
    }

    private void apply(TradeChange change) {
      applyByRevision(change);
      change.before().ifPresent(byKey::remove);
      change
          .before()
          .filter(key -> byId.containsKey(key.id()) && byId.get(key.id()).key().equals(key))
          .ifPresent(key -> byId.remove(key.id()));
      change.after().ifPresent(trade -> byKey.put(trade.key(), trade));
      change.after().ifPresent(trade -> byId.put(trade.id(), trade));
    }

    private void applyByRevision(TradeChange change) {
      String id = change.key().id();
      if (change.revision() > applied.getOrDefault(id, 0L)) {
        applied.put(id, change.revision());
        byRevision.remove(id);
        change.after().ifPresent(trade -> byRevision.put(id, trade));
      }
    }

    void receiveSomeAgain() {
      List<TradeChange> again = new ArrayList<>(received);
      Collections.shuffle(again, random);
      again.subList(0, again.size() / 2).forEach(this::applyByRevision);
    }
  }

  /** One history. */
  private static final class History {
    private final Random random;
    private final List<String> story = new ArrayList<>();
    private final ManualClock clock;
    private final InMemoryTradeSource source = new InMemoryTradeSource();
    private final Receivers receivers;
    private final SyncEngine engine;
    private final int ids;

    History(long seed) {
      random = new Random(seed);
      ids = 1 + random.nextInt(3);
      clock = new ManualClock(Instant.ofEpochSecond(T0 + random.nextInt(40_000)));
      receivers = new Receivers(random, story);
      engine =
          SyncEngine.builder()
              .source(source)
              .log(new InMemorySyncLog("analytics", clock))
              .sink(receivers)
              .clock(clock)
              .confirmation(Duration.ofSeconds(1 + random.nextInt(900)))
              .compareAllUpTo(random.nextInt(3) == 0 ? 100 : 0)
              .orphanGrace(GRACE)
              .batchSize(1 + random.nextInt(3))
              .maxAttempts(1 + random.nextInt(2))
              .parkAfter(1_000)
              .retryDelay(Duration.ofMillis(1))
              .build();
      // Younger than most others, so that these are below the verified second.
      source.put(trade("z", T0 + 12_000));
      run(RunOptions.DEFAULT);
    }

    private Trade any() {
      int second = random.nextInt(3) * (random.nextBoolean() ? 1 : 5_000);
      return trade("t" + random.nextInt(ids), T0 + second, "" + (1 + random.nextInt(2)));
    }

    private void change() {
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        Trade trade = any();
        source.remove(trade.id());
        story.add("-" + trade.id());
        if (random.nextInt(3) > 0) {
          source.put(trade);
          story.add("+" + trade);
        }
      }
    }

    private void ingest() {
      List<Trade> trades = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        List<Trade> current = source.trades();
        boolean isCurrent = random.nextBoolean() && !current.isEmpty();
        trades.add(isCurrent ? current.get(random.nextInt(current.size())) : any());
      }
      story.add("ingest " + trades);
      story.add("-> " + engine.ingest(trades));
    }

    private void step() {
      switch (random.nextInt(9)) {
        case 0, 1 -> change();
        case 2, 3, 4 -> ingest();
        case 5 -> clock.advance(Duration.ofSeconds(random.nextInt(90)));
        case 6 -> receivers.receiveSomeAgain();
        case 7 -> run(RunOptions.forceFromEpochSecond(T0 + random.nextInt(3)));
        default -> run(RunOptions.DEFAULT);
      }
    }

    private SyncResult run(RunOptions options) {
      story.add("run " + options);
      SyncResult result = engine.run(options.allowMassRetraction(true));
      story.add("-> " + result.message() + " " + clock.instant());
      return result;
    }

    void play() {
      for (int i = 4 + random.nextInt(16); i > 0; i--) {
        step();
      }
      receivers.calm = true;
      story.add("calm " + source.trades());
      for (int i = 0; i < 4; i++) {
        run(RunOptions.DEFAULT.compareAll(true));
        clock.advance(GRACE);
      }
      receivers.receiveSomeAgain();
      String whole = String.join("\n", story);
      assertThat(run(RunOptions.DEFAULT.compareAll(true)).total()).as(whole).isZero();
      assertThat(engine.audit().gaps()).as(whole).isEqualTo(GapCounts.NONE);
      for (Map<?, Trade> held : List.of(receivers.byRevision, receivers.byId, receivers.byKey)) {
        assertThat(held.values()).as(whole).containsExactlyInAnyOrderElementsOf(source.trades());
      }
    }
  }

  @Property(tries = 400, seed = "20261126", shrinking = ShrinkingMode.OFF)
  void receiversEqualTheSourceInTheEnd(@ForAll long seed) {
    new History(seed).play();
  }
}
