package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.GapKind;
import io.tradesync.GapRange;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.Verified;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.Finality;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import io.tradesync.spi.log.Verification;
import io.tradesync.spi.log.Verification.Snapshot;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays a random history on a source, a log and a sink, and checks after each step what has to hold
 * then: comparisons find exactly what a plain look at everything finds, no id counts twice, nothing
 * is retracted that may still come back. In the end, once it is quiet, both sides must be equal,
 * and a further run must do nothing.
 *
 * <p>The history is one of {@link RandomChain}, with live paths that deliver what is stale, runs
 * that meet failing sinks and changing sources, processes that die at any call of the log, commits
 * of unknown outcome, forces, audits, and verification that is thrown away.
 *
 * @param <T> the type of the log's transactions
 */
public final class RandomHistory<T> {

  /**
   * What a history is played on.
   *
   * @param <T> the type of the log's transactions
   */
  public interface Sides<T> extends RandomChain.Rows {

    /**
     * The source, empty at first.
     *
     * @return a source that reads what {@link #change} wrote
     */
    TradeSource source();

    /**
     * The log, empty at first.
     *
     * @return the same log each time
     */
    SyncLog log();

    /**
     * The sink, empty at first; it understands every kind of change.
     *
     * @return the same sink each time
     */
    TransactionalSink<T> sink();

    /**
     * What was committed to the sink.
     *
     * @return the trades it holds, in any order
     */
    List<Trade> held();

    /**
     * Makes the log's clock go on; leases and the grace of what is gone end accordingly.
     *
     * @param duration how far
     */
    void pass(Duration duration);

    /**
     * How far the log's clock may go on by itself while a history is played.
     *
     * @return nothing, unless it cannot be stopped
     */
    default Duration drift() {
      return Duration.ZERO;
    }

    /**
     * How many ids a history has at most: where each call takes its time, fewer meet as often.
     *
     * @return the number, at least 1
     */
    default int maxIds() {
      return 20;
    }

    /**
     * Does now and then what the administrator of the store may do between two steps: compress
     * trades, or drop the oldest ones if the sink has a retention boundary. By default nothing.
     *
     * @param choice decides what is done
     * @return a line for the story; empty if nothing was done
     */
    default Optional<String> maintain(Random choice) {
      return Optional.empty();
    }

    /**
     * Returns workers that do most of the work of runs; by default none.
     *
     * @param engines creates an engine for a worker
     * @param seed of what the workers choose
     */
    default Optional<Workers> workers(Supplier<SyncEngine> engines, long seed) {
      return Optional.empty();
    }

    /** Checks after each step what else has to hold; throws if it does not. */
    default void check() {}
  }

  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Duration LEASE = Duration.ofSeconds(4);
  private static final Duration LEASE_IS_OVER = LEASE.plusSeconds(1);

  /** The process has died. */
  private static final class Dead extends Error {
    private static final long serialVersionUID = 1L;

    Dead() {
      super("this process is dead", null, false, false);
    }
  }

  private final long seed;
  private final TradeSelection selection;
  private final Random random;
  private final Random maintenance;
  private final SettableClock clock = new SettableClock();
  private final Sides<T> sides;
  private final RandomChain chain;
  private final SyncLog log;
  private final boolean sourceTells;
  private final long compareAllUpTo;
  private Scope scope = Scope.all();
  private KeyRange range = KeyRange.all();
  private KeyRange retained = KeyRange.all();
  private final Duration confirmation;
  private final boolean alone;
  private final Set<String> poisoned = new HashSet<>();
  private final List<String> story = new ArrayList<>();
  private final ThreadLocal<List<TradeChange>> writing = ThreadLocal.withInitial(List::of);
  private int changesWhileRunning;
  private boolean prepared;
  private boolean failing;
  private boolean restless;
  private boolean comparing;
  private volatile long written;
  private @Nullable AssertionError broken;

  /**
   * Makes a history.
   *
   * @param seed decides everything
   * @param sides what it is played on
   */
  public RandomHistory(long seed, Sides<T> sides) {
    this(seed, sides, TradeSelection.ALL);
  }

  /**
   * Makes a history of a scope of some chains and pools. Trades of others must never reach the
   * sink.
   *
   * @param seed decides everything
   * @param sides what it is played on
   * @param selection the chains and pools; all trades are of chain 1 and of pool0 or pool1
   */
  public RandomHistory(long seed, Sides<T> sides, TradeSelection selection) {
    this.seed = seed;
    this.selection = selection;
    this.random = new Random(seed);
    this.maintenance = new Random(~seed);
    this.sides = sides;
    this.log = sides.log();
    this.confirmation = Duration.ofSeconds(1 + random.nextInt(900));
    this.chain =
        new RandomChain(
            random, clock, confirmation, 1 + random.nextInt(sides.maxIds()), this::change);
    this.sourceTells = random.nextBoolean();
    this.compareAllUpTo = random.nextInt(4);
    this.alone = random.nextInt(3) > 0;
  }

  /** Plays it to its end. */
  public void play() {
    try {
      chooseScope();
      chain.grow();
      int steps = 1 + random.nextInt(12);
      for (int i = 0; i < steps; i++) {
        step();
        check();
        maintain();
      }
      story.add("quiet");
      comeToRest();
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          e.getMessage() + "\nwith seed " + seed + " after " + String.join("\n  ", story), e);
    }
  }

  private void chooseScope() {
    boolean all = random.nextInt(4) > 0;
    long baseline = chain.finalThrough() - random.nextInt(1_000);
    scope = (all ? Scope.all() : Scope.since(Instant.ofEpochSecond(baseline))).only(selection);
    range = (all ? KeyRange.all() : KeyRange.from(baseline)).after(retained.after());
    story.add("scope " + range);
  }

  /** The scope begins at the retention boundary, which can only rise. */
  private void maintain() {
    sides
        .maintain(maintenance)
        .ifPresent(
            done -> {
              story.add(done);
              Long since = engine().health().retainedSinceEpochSecond();
              if (since != null) {
                retained = retained.after(TradeKey.startOf(since));
                range = range.after(retained.after());
                story.add("range " + range);
              }
              check();
            });
  }

  private void change(Collection<String> removed, Collection<Trade> added) {
    if (removed.size() + added.size() > 0) {
      story.add("-" + removed + " +" + added);
    }
    sides.change(removed, added);
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 16, 17, 0, 1, 2 -> chain.live();
      case 18 -> {
        if (random.nextInt(2) == 0) {
          chain.disturbAway();
          chooseScope();
        }
      }
      case 3 -> chain.disturb();
      case 4, 5 -> {
        Duration time = Duration.ofSeconds(random.nextInt(random.nextBoolean() ? 60 : 900));
        story.add("pass " + time);
        pass(time);
      }
      case 6, 7 -> {
        List<Trade> delivered = chain.delivered();
        disturbRun();
        story.add("ingest " + delivered + poisoned);
        ingest(engine(), delivered);
      }
      case 8 -> {
        disturbRun();
        story.add("catch up");
        long second = chain.finalThrough() + random.nextInt((int) confirmation.toSeconds());
        engine().catchUp(List.of(new Hint(random.nextInt(4) == 0 ? null : second, null)));
      }
      case 9 -> {
        story.add("audit");
        audit();
      }
      case 10 -> {
        story.add("forget");
        comparingAll(() -> engine().forgetVerification());
      }
      case 11 -> {
        RunOptions force = force(chain.finalThrough() - random.nextInt(300));
        story.add(force.toString());
        disturbRun();
        run(engine -> engine.run(force));
      }
      case 12 -> {
        boolean vanished = random.nextInt(3) == 0;
        story.add(vanished ? "vanish" : "crash");
        if (vanished) {
          vanish();
        } else {
          crash();
        }
      }
      default -> {
        disturbRun();
        RunOptions options =
            RunOptions.DEFAULT
                .compareAll(random.nextInt(6) == 0)
                .allowMassRetraction(random.nextInt(6) == 0);
        story.add("run " + options + " failing " + failing + ", changes " + changesWhileRunning);
        if (options.compareAll()) {
          comparingAll(() -> run(engine -> engine.run(options)));
        } else {
          run(engine -> engine.run(options));
        }
      }
    }
    calm();
  }

  private RunOptions force(long from) {
    RunOptions all = RunOptions.forceFromEpochSecond(from);
    if (selection.isAll() || random.nextInt(4) == 0) {
      return all;
    }
    RunOptions some = random.nextBoolean() ? all.only(selection) : all;
    return random.nextBoolean() ? some.toEpochSecond(from + 1 + random.nextInt(600)) : some;
  }

  private void calm() {
    changesWhileRunning = 0;
    restless = false;
    failing = false;
    poisoned.clear();
  }

  private void disturbRun() {
    restless = random.nextBoolean();
    changesWhileRunning = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
    failing = random.nextInt(3) == 0;
    if (random.nextInt(4) == 0) {
      chain.trades().values().stream()
          .filter(trade -> random.nextInt(3) == 0)
          .forEach(trade -> poisoned.add(trade.id()));
    }
  }

  private void ingest(SyncEngine engine, List<Trade> delivered) {
    IngestResult result = engine.ingest(delivered);
    int keys = (int) delivered.stream().map(Trade::key).distinct().count();
    assertThat(
            result.written().size()
                + result.known().size()
                + result.failed().size()
                + result.outOfScope().size()
                + result.disputed().size())
        .isEqualTo(keys);
  }

  private interface Work {
    SyncResult in(SyncEngine engine);
  }

  private void run(Work work) {
    SyncEngine engine = engine();
    boolean quiet = !restless && changesWhileRunning == 0;
    comparing = true;
    SyncResult result = work.in(engine);
    comparing = false;
    if (quiet) {
      chain.seen();
    }
    rethrow();
    assertThat(result.outcome()).as(result.message()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(result.processed() + result.errors()).isEqualTo(result.total());
  }

  private void vanish() {
    chain.vanish();
    run(SyncEngine::run);
    check();
    if (random.nextBoolean()) {
      pass(GRACE);
      run(SyncEngine::run);
      check();
    }
    chain.reappear();
  }

  /** A process dies at some call of the log, and the lease ends by itself. */
  private void crash() {
    disturbRun();
    Mortal mortal = new Mortal(1 + random.nextInt(40), random.nextBoolean());
    try {
      if (random.nextInt(3) > 0) {
        SyncEngine engine = engine(mortal);
        comparing = true;
        SyncResult ignored = engine.run();
      } else {
        ingest(engine(mortal), chain.delivered());
      }
    } catch (Dead e) {
      story.add("died in " + mortal.died);
    }
    comparing = false;
    rethrow();
    pass(LEASE_IS_OVER);
  }

  private void pass(Duration time) {
    clock.advance(time);
    sides.pass(time);
  }

  private SyncEngine engine() {
    return engine(new Mortal(Integer.MAX_VALUE, false));
  }

  private SyncEngine engine(SyncLog over) {
    int batchSize = 1 + random.nextInt(8);
    SyncEngineBuilder builder = builder(over, batchSize);
    sides
        .workers(
            () -> builder(new Mortal(Integer.MAX_VALUE, false), batchSize).build(),
            seed + story.size())
        .ifPresent(builder::workers);
    return builder.build();
  }

  private SyncEngineBuilder builder(SyncLog over, int batchSize) {
    return SyncEngine.builder()
        .source(new Telling(sides.source()))
        .log(over)
        .sink(new Watching())
        .scope(scope)
        .clock(clock)
        .confirmation(confirmation)
        .orphanGrace(GRACE)
        .leaseTtl(LEASE)
        .compareAllUpTo(compareAllUpTo)
        .batchSize(batchSize)
        .parallelism(alone ? 1 : 2)
        .retryDelay(Duration.ofMillis(1))
        .listener(
            new SyncListener() {
              @Override
              public void runPlanned(String runId, long total) {
                comparing = false;
              }
            });
  }

  // What has to hold at any time

  private void rethrow() {
    if (broken != null) {
      throw broken;
    }
  }

  private void check() {
    rethrow();
    noIdCountsTwice();
    theLogHoldsWhatTheSinkHolds();
    sides.check();
    Map<TradeKey, GapKind> gaps = gaps();
    Snapshot snapshot = log.verification().snapshot();
    Optional<Verified> trusted = snapshot.verified().map(this::above).filter(this::isTrusted);
    Map<TradeKey, GapKind> seen = new TreeMap<>(gaps);
    trusted.ifPresent(
        verified -> {
          Predicate<TradeKey> isLeftOut =
              key ->
                  key.epochSecond() <= verified.throughEpochSecond()
                      && snapshot.unverified().stream().noneMatch(r -> r.contains(key));
          seen.keySet().removeIf(isLeftOut);
          // Health knows failures there from the log.
          log.entries().page(List.of(range), 10_000).stream()
              .filter(entry -> entry.status() == EntryStatus.ERROR)
              .map(LogEntry::key)
              .filter(isLeftOut)
              .forEach(key -> seen.put(key, GapKind.ERROR));
        });
    assertThat(engine().health().gaps()).as("health of %s", gaps).isEqualTo(counts(seen));
    Map<TradeKey, GapKind> hidden = new TreeMap<>(gaps);
    hidden.keySet().removeAll(seen.keySet());
    hidden.keySet().removeIf(key -> chain.disturbedSeconds().contains(key.epochSecond()));
    assertThat(hidden).as("gaps in what counts as verified, %s", snapshot).isEmpty();
  }

  /** What was verified stays so above a lower end that has risen since. */
  private Verified above(Verified verified) {
    Long from = verified.fromEpochSecond();
    TradeKey start = from == null ? TradeKey.MIN : TradeKey.startOf(from);
    TradeKey now = range.after();
    if (!start.isBefore(now) || verified.throughEpochSecond() < now.epochSecond()) {
      return verified;
    }
    long below =
        log.entries().page(List.of(new KeyRange(start, now)), 10_000).stream()
            .filter(entry -> entry.status() == EntryStatus.PROCESSED)
            .count();
    return verified.without(now.epochSecond(), below);
  }

  private boolean isTrusted(Verified verified) {
    Long from = range.equals(KeyRange.all()) ? null : range.after().epochSecond();
    return verified.trades() > compareAllUpTo
        && Objects.equals(verified.fromEpochSecond(), from)
        && inScope().keySet().stream()
            .anyMatch(key -> key.epochSecond() >= verified.throughEpochSecond());
  }

  private void noIdCountsTwice() {
    assertThat(sides.held()).as("what the sink holds").allMatch(selection::contains);
    Map<String, List<Trade>> held =
        sides.held().stream()
            .collect(Collectors.groupingBy(Trade::id, TreeMap::new, Collectors.toList()));
    held.keySet().removeAll(chain.disturbedIds());
    assertThat(held.values()).as("what the sink holds of one id").allMatch(of -> of.size() == 1);
  }

  private void theLogHoldsWhatTheSinkHolds() {
    Map<TradeKey, Long> processed = new TreeMap<>();
    for (LogEntry entry : log.entries().page(List.of(retained), 10_000)) {
      if (entry.status() == EntryStatus.PROCESSED) {
        processed.put(entry.key(), entry.fingerprint());
      }
    }
    Map<TradeKey, Long> held = new TreeMap<>();
    sides.held().forEach(trade -> held.put(trade.key(), trade.fingerprint()));
    assertThat(held).isEqualTo(processed);
  }

  private Map<TradeKey, Trade> inScope() {
    Map<TradeKey, Trade> trades = chain.trades();
    trades.values().removeIf(trade -> !range.contains(trade.key()) || !selection.contains(trade));
    return trades;
  }

  /** What differs, found by looking at everything. */
  private Map<TradeKey, GapKind> gaps() {
    Map<TradeKey, GapKind> gaps = new TreeMap<>();
    Map<TradeKey, Trade> there = inScope();
    Map<TradeKey, LogEntry> entries = new TreeMap<>();
    for (LogEntry entry : log.entries().page(List.of(range), 10_000)) {
      entries.put(entry.key(), entry);
    }
    there.forEach(
        (key, trade) -> {
          LogEntry entry = entries.get(key);
          if (entry == null || entry.status() == EntryStatus.RETRACTED) {
            gaps.put(key, GapKind.MISSING);
          } else if (entry.status() == EntryStatus.ERROR) {
            gaps.put(key, GapKind.ERROR);
          } else if (entry.fingerprint() != trade.fingerprint()) {
            gaps.put(key, GapKind.CHANGED);
          }
        });
    entries.forEach(
        (key, entry) -> {
          if (entry.status() != EntryStatus.RETRACTED && !there.containsKey(key)) {
            gaps.put(key, GapKind.ORPHANED);
          }
        });
    return gaps;
  }

  private static GapCounts counts(Map<TradeKey, GapKind> gaps) {
    GapCounts counts = GapCounts.NONE;
    for (GapKind kind : gaps.values()) {
      counts =
          counts.plus(
              switch (kind) {
                case MISSING -> new GapCounts(1, 0, 0, 0);
                case ERROR -> new GapCounts(0, 1, 0, 0);
                case CHANGED -> new GapCounts(0, 0, 1, 0);
                case ORPHANED -> new GapCounts(0, 0, 0, 1);
              });
    }
    return counts;
  }

  /** Everything is compared, or will be: what was disturbed before is no longer hidden. */
  private void comparingAll(Runnable work) {
    Set<Long> before = Set.copyOf(chain.disturbedSeconds());
    chain.disturbedSeconds().clear();
    try {
      work.run();
    } catch (Dead e) {
      chain.disturbedSeconds().addAll(before);
      throw e;
    }
  }

  private void audit() {
    comparingAll(this::auditNow);
  }

  private void auditNow() {
    Map<TradeKey, GapKind> gaps = gaps();
    AuditReport report = engine().audit();
    assertThat(report.gaps()).isEqualTo(counts(gaps));
    assertThat(report.complete()).isTrue();
    if (report.store() != null) {
      assertThat(report.store().ranges()).as("where the store differs").isEmpty();
      assertThat(report.store().differing()).isZero();
    }
    Map<TradeKey, GapKind> named = new TreeMap<>();
    for (GapRange range : report.ranges()) {
      int before = named.size();
      gaps.forEach(
          (key, kind) -> {
            if (!key.isBefore(range.first()) && !range.last().isBefore(key)) {
              assertThat(kind).isEqualTo(range.kind());
              named.put(key, kind);
            }
          });
      assertThat(named).hasSize(before + (int) range.trades());
    }
    assertThat(named).isEqualTo(gaps);
  }

  // What has to hold in the end

  private void comeToRest() {
    audit();
    RunOptions all = RunOptions.DEFAULT.allowMassRetraction(true);
    for (long graces = graces(); graces > 0; graces--) {
      run(engine -> engine.run(all));
      pass(GRACE);
      run(engine -> engine.run(all));
    }
    check();
    assertThat(held()).isEqualTo(inScope());
    nothingIsLeftToDo();
    comparingAll(() -> engine().forgetVerification());
    nothingIsLeftToDo();
    nothingIsLeftToDo();
    audit();
  }

  /** Of one id at several keys, one at a time is known to be gone. */
  private long graces() {
    return gaps().entrySet().stream()
        .filter(gap -> gap.getValue() == GapKind.ORPHANED)
        .collect(Collectors.groupingBy(gap -> gap.getKey().id(), Collectors.counting()))
        .values()
        .stream()
        .reduce(1L, Math::max);
  }

  private Map<TradeKey, Trade> held() {
    Map<TradeKey, Trade> held = new TreeMap<>();
    sides.held().forEach(trade -> held.put(trade.key(), trade));
    held.keySet().removeIf(key -> !range.contains(key));
    return held;
  }

  private void nothingIsLeftToDo() {
    long before = written;
    SyncResult result = engine().run();
    assertThat(result.total()).isZero();
    assertThat(result.success()).isTrue();
    assertThat(engine().health().gaps()).as("%s", gaps()).isEqualTo(GapCounts.NONE);
    assertThat(written).isEqualTo(before);
  }

  // What is put around the sides

  /** The source, which tells what is final, or leaves it to the trades' age. */
  private final class Telling implements TradeSource {
    private final TradeSource source;

    Telling(TradeSource source) {
      this.source = source;
    }

    @Override
    public TradeSource only(TradeSelection part) {
      return new Telling(source.only(part));
    }

    @Override
    public SourcePage<Trade> page(KeyRange of, int limit) {
      meanwhile();
      return source.page(of, limit);
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      meanwhile();
      return source.byIds(ids);
    }

    @Override
    public void prepare() {
      if (!prepared) {
        source.prepare();
      }
    }

    @Override
    public Optional<TradeKey> first(KeyRange of) {
      meanwhile();
      return source.first(of);
    }

    @Override
    public Optional<TradeKey> last(KeyRange of) {
      meanwhile();
      return source.last(of);
    }

    @Override
    public long count(KeyRange of) {
      meanwhile();
      return source.count(of);
    }

    @Override
    public List<SourceDigest> digests(KeyRange of, long bucketSeconds) {
      meanwhile();
      return source.digests(of, bucketSeconds);
    }

    @Override
    public List<SourceDigest> digests(List<KeyRange> ranges) {
      meanwhile();
      return source.digests(ranges);
    }

    @Override
    public SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
      meanwhile();
      return source.keys(ranges, limit);
    }

    /** What others do while a run compares. */
    private void meanwhile() {
      if (!comparing || !restless || random.nextInt(4) > 0) {
        return;
      }
      comparing = false;
      switch (random.nextInt(6)) {
        case 0 -> {
          story.add("meanwhile audit");
          audit();
        }
        case 1 -> {
          story.add("meanwhile forget");
          comparingAll(() -> engine().forgetVerification());
        }
        case 2 -> chain.disturb();
        case 3 -> {
          List<Trade> delivered = chain.delivered();
          story.add("meanwhile ingest " + delivered);
          ingest(engine(), delivered);
        }
        default -> chain.live();
      }
      comparing = true;
    }

    @Override
    public Optional<Finality> finality() {
      return sourceTells ? Optional.of(Finality.through(chain.finalThrough())) : Optional.empty();
    }
  }

  /** The sink, which looks at every change, fails at times, and lets time pass for the chain. */
  private final class Watching extends ForwardingSink<T> {
    Watching() {
      super(sides.sink());
    }

    @Override
    public void prepare(String service, T transaction) throws Exception {
      if (!prepared) {
        super.prepare(service, transaction);
      }
      prepared = true;
    }

    @Override
    public void write(TradeBatch batch, T transaction) throws Exception {
      synchronized (RandomHistory.this) {
        try {
          noIdCountsTwice();
          if (alone) {
            batch.changes().forEach(this::mayBeRetracted);
          }
        } catch (AssertionError e) {
          broken = broken == null ? e : broken;
        }
        if (batch.changes().stream().anyMatch(change -> poisoned.contains(change.key().id()))) {
          throw new IllegalArgumentException("poisoned");
        }
        if (failing && random.nextInt(5) == 0) {
          throw new IOException("reset");
        }
        super.write(batch, transaction);
        writing.set(batch.changes());
        written += batch.changes().size();
        if (changesWhileRunning > 0) {
          changesWhileRunning--;
          if (random.nextInt(3) == 0) {
            chain.disturb();
          } else {
            chain.live();
          }
        }
      }
    }

    private void mayBeRetracted(TradeChange change) {
      TradeKey key = change.key();
      if (change instanceof TradeChange.Retract) {
        Long second = chain.secondOf(key.id());
        if (second == null) {
          assertThat(chain.awaySinceMillis(key) + GRACE.toMillis())
              .as("the end of the grace of %s", key)
              .isLessThanOrEqualTo(clock.millis() + sides.drift().toMillis());
        } else {
          assertThat(second).as("where %s is", key.id()).isNotEqualTo(key.epochSecond());
        }
      }
    }
  }

  /**
   * The log, until its process dies at some call: before it, or after it was carried out. While the
   * history fails things, a commit succeeds now and then and is not heard of.
   */
  private final class Mortal implements SyncLog {
    private final AtomicInteger callsLeft;
    private final boolean afterTheCall;
    private volatile @Nullable String died;

    Mortal(int calls, boolean afterTheCall) {
      this.callsLeft = new AtomicInteger(calls);
      this.afterTheCall = afterTheCall;
    }

    private <R> R call(String name, Callable<R> call) throws Exception {
      boolean dies = callsLeft.decrementAndGet() == 0;
      if (died != null || (dies && !afterTheCall)) {
        died = died == null ? name : died;
        throw new Dead();
      }
      R result = call.call();
      if (dies) {
        died = "after " + name;
        throw new Dead();
      }
      return result;
    }

    /**
     * A transaction that changes a verified entry marks its sub-range. A run verifies it again at
     * its end, and does not see what was disturbed after it was read.
     */
    private void committed(TradeKey key) {
      chain.disturbedSeconds().remove(key.epochSecond());
    }

    private void failed(List<?> failures) {
      synchronized (RandomHistory.this) {
        failures.forEach(failure -> committed(((TradeFailure) failure).key()));
      }
    }

    private <V> V mortal(Class<V> type, V view) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, args) ->
                  call(
                      method.getName(),
                      () -> {
                        try {
                          Object result = method.invoke(view, args);
                          if (method.getName().equals("markFailed")) {
                            failed((List<?>) args[0]);
                          }
                          return result;
                        } catch (InvocationTargetException e) {
                          if (e.getCause() instanceof Exception cause) {
                            throw cause;
                          }
                          throw e;
                        }
                      })));
    }

    @Override
    public <R> R transact(@Nullable FencingToken token, LogWork<R> work) throws Exception {
      return call(
          "transact",
          () -> {
            writing.remove();
            R result = log.transact(token, work);
            List<TradeChange> wrote = writing.get();
            synchronized (RandomHistory.this) {
              if (token == null) {
                wrote.forEach(change -> committed(change.key()));
              }
              if (!wrote.isEmpty() && failing && random.nextInt(10) == 0) {
                throw new IOException("no answer to the commit");
              }
            }
            return result;
          });
    }

    @Override
    public String service() {
      return log.service();
    }

    @Override
    public Class<?> transactionType() {
      return log.transactionType();
    }

    @Override
    public void prepare() {
      if (!prepared) {
        log.prepare();
      }
    }

    @Override
    public void probe() throws Exception {
      log.probe();
    }

    @Override
    public Optional<FailureKind> classify(Throwable failure) {
      return log.classify(failure);
    }

    @Override
    public LogEntries entries() {
      return mortal(LogEntries.class, log.entries());
    }

    @Override
    public FailedTrades failedTrades() {
      return mortal(FailedTrades.class, log.failedTrades());
    }

    @Override
    public OrphanTracker orphans() {
      return mortal(OrphanTracker.class, log.orphans());
    }

    @Override
    public Verification verification() {
      return mortal(Verification.class, log.verification());
    }

    @Override
    public ScopeRecord scope() {
      return mortal(ScopeRecord.class, log.scope());
    }

    @Override
    public RunHistory runs() {
      return mortal(RunHistory.class, log.runs());
    }

    @Override
    public RunLease lease() {
      return mortal(RunLease.class, log.lease());
    }
  }
}
