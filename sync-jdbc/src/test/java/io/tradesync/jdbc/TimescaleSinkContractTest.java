package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;

/** The sink as the contract wants it, and after each test its candles. */
class TimescaleSinkContractTest extends AnalyticsSinkContract {

  final StoreFixture store = newStore();

  StoreFixture newStore() {
    return new StoreFixture();
  }

  @Override
  protected AnalyticsSink emptySink() {
    return store.sink;
  }

  @Override
  protected SyncLog emptyLog() {
    return store.log;
  }

  @Override
  protected Collection<Trade> held() {
    return store.trades();
  }

  @Override
  protected boolean cutOff() {
    store.execute("alter table analytics_trades rename to elsewhere");
    return true;
  }

  @Override
  protected void reconnect() {
    store.execute("alter table elsewhere rename to analytics_trades");
  }

  @Override
  protected boolean failNextWrite(Throwable failure) {
    if (failure instanceof SQLException refusal) {
      failNextWrite("raise exception using errcode = '" + refusal.getSQLState() + "'");
    } else if (failure instanceof IOException && canLoseConnections()) {
      failNextWrite("perform pg_terminate_backend(pg_backend_pid())");
    } else {
      return false; // PostgreSQL throws no errors of the JVM
    }
    return true;
  }

  /** Whether the server has a process for each connection. */
  boolean canLoseConnections() {
    return true;
  }

  /** A sequence does not go back, so the write that fails does so once. */
  private void failNextWrite(String how) {
    store.execute("create sequence writes");
    store.execute(
        """
        create function fail_once() returns trigger language plpgsql as $$
        begin
          if nextval('writes') = 1 then
            %s;
          end if;
          return null;
        end
        $$\
        """
            .formatted(how));
    store.execute(
        """
        create trigger fail_once before insert on analytics_trades
        for each statement execute function fail_once()\
        """);
  }

  @AfterEach
  void candlesFollowTheirTrades() {
    store.assertCandlesEqualTheirTrades();
    store.close();
  }
}
