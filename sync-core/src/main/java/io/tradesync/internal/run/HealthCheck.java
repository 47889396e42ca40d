package io.tradesync.internal.run;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.Recommendation;
import io.tradesync.SyncHealth;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.OutsideKeyOrder;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.Finality;
import io.tradesync.spi.log.StoreDifferenceRecord;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Computes the health of a store. Thread-safe. */
public final class HealthCheck {

  private static final int SECONDS_PER_MINUTE = 60;

  private final RunContext context;
  private final ScopeRange scope;
  private final Supplier<KeyRange> scopeNow;
  private final Supplier<StoreDifferenceRecord.Known> storeDiffers;
  private final LongSupplier candlesToRecompute;

  /**
   * Creates the computation.
   *
   * @param scopeNow asks for the scope as it is now
   * @param storeDiffers counts what the last audit found to differ in the store
   * @param candlesToRecompute counts the candles that the sink still has to recompute
   */
  public HealthCheck(
      RunContext context,
      ScopeRange scope,
      Supplier<KeyRange> scopeNow,
      Supplier<StoreDifferenceRecord.Known> storeDiffers,
      LongSupplier candlesToRecompute) {
    this.context = context;
    this.scope = scope;
    this.scopeNow = scopeNow;
    this.storeDiffers = storeDiffers;
    this.candlesToRecompute = candlesToRecompute;
  }

  /** Compares both sides, and tells the listeners; see {@link io.tradesync.SyncEngine#health}. */
  public SyncHealth compute() {
    SyncHealth health = compare();
    context.listener().healthComputed(health);
    return health;
  }

  private SyncHealth compare() {
    KeyRange range = scopeNow.get();
    Scan scan = context.scans().scan(range, Finality.none(), false);
    Scan.Result found =
        scan.compare(GapSelection.none(), OrphanPolicy.countOnly(), StopCheck.NEVER);
    OutsideKeyOrder.Count outside = outsideKeyOrder(scan);
    GapCounts gaps = found.findings().counts().plusErrors(outside.failed());
    Long newest = scan.newestTrade().map(TradeKey::epochSecond).orElse(null);
    Long processed =
        context.log().entries().lastProcessed(range).map(TradeKey::epochSecond).orElse(null);
    long lag = newest == null ? 0 : lagMinutes(range, newest, processed);
    StoreDifferenceRecord.Known store = storeDiffers.get();
    return new SyncHealth(
        lag,
        newest,
        processed,
        recommend(gaps.total() + store.differing(), lag),
        gaps,
        scan.verifiedBefore().orElse(null),
        scope.retainedSince().isPresent() ? scope.retainedSince().getAsLong() : null,
        new SyncHealth.StoreState(
            found.findings().accepted() + outside.accepted(),
            found.kept(),
            store.differing(),
            candlesToRecompute.getAsLong(),
            store.asOf(),
            outside.asOf()));
  }

  private OutsideKeyOrder.Count outsideKeyOrder(Scan scan) {
    OutsideKeyOrder rows = context.scans().outsideKeyOrder();
    Optional<OutsideKeyOrder.Count> now =
        scan.comparesEverything() ? rows.count() : Optional.empty();
    return now.orElseGet(rows::known);
  }

  private long lagMinutes(KeyRange range, long newest, @Nullable Long processed) {
    long since =
        processed != null
            ? processed
            : context.source().first(range).map(TradeKey::epochSecond).orElse(newest);
    return Math.max(0, newest - since) / SECONDS_PER_MINUTE;
  }

  private Recommendation recommend(long gaps, long lagMinutes) {
    if (gaps == 0) {
      return Recommendation.HEALTHY;
    }
    return lagMinutes >= context.settings().immediateSyncLag().toMinutes()
        ? Recommendation.IMMEDIATE_SYNC_REQUIRED
        : Recommendation.SYNC_RECOMMENDED;
  }
}
