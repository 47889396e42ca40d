package io.tradesync;

import io.tradesync.internal.compare.StoreView;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.live.LiveTradeWriter;
import io.tradesync.internal.live.OtherPools;
import io.tradesync.internal.run.HealthCheck;
import io.tradesync.internal.run.Inspection;
import io.tradesync.internal.run.Listeners;
import io.tradesync.internal.run.LogViews;
import io.tradesync.internal.run.RunContext;
import io.tradesync.internal.run.ScopeRange;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.internal.thread.SharedComputation;
import io.tradesync.internal.work.DecisiveSettings;
import io.tradesync.internal.work.Distribution;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.internal.write.SinkWatch;
import io.tradesync.internal.write.SinkWriter;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.CheckedTradeSource;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SyncLog;
import java.util.List;
import java.util.Optional;

/**
 * What an engine works with, put together from its settings.
 *
 * @param log the log, without retries
 * @param retries tries calls of the sides again
 * @param sinkWatch the calls of the sink that are under way
 * @param sink the sink
 * @param context what runs and audits work with
 * @param scope which trades count
 * @param inspection looks at both sides with the connections of health
 * @param liveWriter writes what live feeds bring
 */
record EngineParts(
    SyncLog log,
    Retries retries,
    SinkWatch sinkWatch,
    SinkWriter sink,
    RunContext context,
    ScopeRange scope,
    Inspection inspection,
    LiveTradeWriter liveWriter) {

  /**
   * The sides of an engine.
   *
   * @param healthSource the source with the connections of health
   * @param healthLog the log with the connections of health
   * @param workers other machines; empty if the engine does all work itself
   */
  record Sides(
      TradeSource source,
      SyncLog log,
      AnalyticsSink sink,
      TradeSource healthSource,
      SyncLog healthLog,
      Optional<Workers> workers) {}

  static EngineParts of(Sides sides, EngineSettings settings, List<SyncListener> listeners) {
    SyncLog log = sides.log();
    FailureClassifier failures = new FailureClassifier(sides.source(), log, sides.sink());
    ActivityListener listener = Listeners.of(listeners);
    Retries retries =
        new Retries(failures, settings.maxAttempts(), settings.retryDelay(), listener);
    TradeSelection selection = settings.scope().selection();
    TradeSource source = checked(only(sides.source(), selection), retries);
    SinkWatch sinkWatch = new SinkWatch(settings.sinkTimeout());
    SinkWriter sink = SinkWriter.of(sides.sink(), sinkWatch, settings.recordBeforeWrite());
    GroupWriter writer =
        new GroupWriter(source, log, sink, failures, retries, settings.parkAfter());
    RunContext context =
        new RunContext(
            source,
            LogViews.of(log, retries, sink.joinsTransaction()),
            writer,
            sink.capabilities(),
            settings,
            listener,
            StoreView.of(log, sides.sink(), source.attributeNames(), retries, sink::ask),
            new Distribution(
                sides.workers(),
                new DecisiveSettings(
                    log.service(), source, sides.sink().identity(), sink.capabilities(), settings),
                TradeSelection.ALL));
    RunContext ofHealth =
        context.through(
            checked(only(sides.healthSource(), selection), retries),
            LogViews.of(sides.healthLog(), retries, sink.joinsTransaction()));
    ScopeRange scope =
        new ScopeRange(
            settings,
            context.log().scope(),
            sides.healthLog() == log ? ScopeRecord.NONE : ofHealth.log().scope(),
            context.source().attributeNames(),
            range -> context.retainedSince(log, range));
    return new EngineParts(
        log,
        retries,
        sinkWatch,
        sink,
        context,
        scope,
        new Inspection(ofHealth, scope, health(ofHealth, sides.healthLog(), scope, retries)),
        liveWriter(context, new OtherPools(selection, checked(sides.source(), retries))));
  }

  // A source that wraps another one may pass the call on, and would then be left out itself.
  private static TradeSource only(TradeSource source, TradeSelection selection) {
    return selection.isAll() ? source : source.only(selection);
  }

  private static TradeSource checked(TradeSource source, Retries retries) {
    return retries.around(TradeSource.class, new CheckedTradeSource(source), Side.SOURCE);
  }

  private static SharedComputation<SyncHealth> health(
      RunContext context, SyncLog log, ScopeRange scope, Retries retries) {
    return new SharedComputation<>(
        "health",
        new HealthCheck(
                context,
                scope,
                () -> scope.now(range -> context.retainedSince(log, range)),
                () -> retries.on(Side.STORE, log.storeDifferences()::known),
                () -> context.writer().deferred().count(log))
            ::compute);
  }

  private static LiveTradeWriter liveWriter(RunContext context, OtherPools otherPools) {
    return new LiveTradeWriter(
        context.source(),
        otherPools,
        context.log().entries(),
        context.log().outsideRows(),
        context.writer(),
        context.scans().repaired(),
        context.settings().batchSize(),
        context.batchesPerGroup(),
        context.settings().hintOverlap().toSeconds(),
        context.listener());
  }

  void prepare() {
    sink.checkLog(log);
    context.source().prepare();
    log.sinkMayTake(sinkWatch.longestCall());
    log.prepare();
    // Before the log is used: only then it can tell a first start.
    KeyRange ignored = scope.get();
    sink.prepare(log);
    ignored = scope.now();
  }

  void probe() {
    retries.runBriefly(Side.SOURCE, context.source()::probe);
    retries.runBriefly(Side.STORE, log::probe);
  }
}
