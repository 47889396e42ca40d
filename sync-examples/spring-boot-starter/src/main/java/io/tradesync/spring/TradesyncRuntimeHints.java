package io.tradesync.spring;

import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.StoreDifferenceRecord;
import io.tradesync.spi.log.Verification;
import java.sql.Connection;
import java.util.List;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.lang.Nullable;

/** What a native image must contain besides what Spring finds by itself. */
final class TradesyncRuntimeHints implements RuntimeHintsRegistrar {

  /** The migrations, which sync-jdbc reads from its jar. */
  private static final List<String> RESOURCES =
      List.of(
          "io/tradesync/jdbc/migrations/log/*.sql", "io/tradesync/jdbc/migrations/analytics/*.sql");

  /** The interfaces that the engine, or the log, puts proxies around. */
  private static final List<Class<?>> PROXIES =
      List.of(
          TradeSource.class,
          LogEntries.class,
          FailedTrades.class,
          OrphanTracker.class,
          OutsideRows.class,
          RunHistory.class,
          RunLease.class,
          ScopeRecord.class,
          StoreDifferenceRecord.class,
          Verification.class,
          Connection.class);

  /** What sync-redis calls by reflection, since not every Lettuce has it. */
  private static final List<String> OF_LETTUCE =
      List.of("io.lettuce.core.MaintNotificationsConfig", "io.lettuce.core.ClientOptions$Builder");

  @Override
  public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
    RESOURCES.forEach(pattern -> hints.resources().registerPattern(pattern));
    for (Class<?> proxied : PROXIES) {
      hints.proxies().registerJdkProxy(proxied);
      hints.reflection().registerType(proxied, MemberCategory.INVOKE_PUBLIC_METHODS);
    }
    for (String type : OF_LETTUCE) {
      hints
          .reflection()
          .registerTypeIfPresent(classLoader, type, MemberCategory.INVOKE_PUBLIC_METHODS);
    }
  }
}
