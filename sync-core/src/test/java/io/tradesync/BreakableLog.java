package io.tradesync;

import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideTransaction;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A log that breaks when the test says so. */
public final class BreakableLog implements SyncLog {

  private final SyncLog log;

  /** Called before each call, with the method's name; what it throws the log throws. */
  public volatile Consumer<String> before = call -> {};

  /** Transactions begun. */
  public final AtomicInteger transactions = new AtomicInteger();

  public BreakableLog(SyncLog log) {
    this.log = log;
  }

  /** What a log throws that cannot be reached. */
  public static SideUnavailableException unreachable() {
    return SideUnavailableException.unreachable(Side.STORE, "connection refused", null);
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
  public boolean recordsHandOuts() {
    return log.recordsHandOuts();
  }

  @Override
  public void probe() throws Exception {
    before.accept("probe");
    log.probe();
  }

  @Override
  public <R> R transact(FencingToken token, LogWork<R> work) throws Exception {
    transactions.incrementAndGet();
    before.accept("transact");
    return log.transact(token, work);
  }

  @Override
  public boolean offersWorkOutside() {
    return log.offersWorkOutside();
  }

  @Override
  public <R> Optional<R> outsideTransaction(OutsideTransaction.Work<R> work) throws Exception {
    before.accept("outsideTransaction");
    return log.outsideTransaction(work);
  }

  @Override
  public LogEntries entries() {
    return breakable(LogEntries.class, log.entries());
  }

  @Override
  public FailedTrades failedTrades() {
    return breakable(FailedTrades.class, log.failedTrades());
  }

  @Override
  public OrphanTracker orphans() {
    return breakable(OrphanTracker.class, log.orphans());
  }

  @Override
  public Verification verification() {
    return breakable(Verification.class, log.verification());
  }

  @Override
  public ScopeRecord scope() {
    return breakable(ScopeRecord.class, log.scope());
  }

  @Override
  public RunHistory runs() {
    return breakable(RunHistory.class, log.runs());
  }

  @Override
  public RunLease lease() {
    return breakable(RunLease.class, log.lease());
  }

  private <T> T breakable(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              before.accept(method.getName());
              try {
                return method.invoke(target, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
