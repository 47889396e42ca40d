package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that answers and cannot be written to, or not in time. */
class UnwritableStoreTest {

  private static final int TRADES = 4_000;

  /** Does something after the tenth batch. */
  private static SyncListener afterTenBatches(Runnable harm) {
    return new SyncListener() {
      private int batches;

      @Override
      public void batchFinished(BatchProgress progress) {
        if (++batches == 10) {
          harm.run();
        }
      }
    };
  }

  private static void execute(SourceAndStore sides, String... statements) {
    for (String statement : statements) {
      sides.store().update(statement);
    }
  }

  /** As after a failover to a server that is still a standby. */
  @Test
  void aStoreThatBecameReadOnlyEndsTheRunAndIsNamed() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      sides.addTrades(TRADES);
      String database = "ALTER DATABASE " + sides.store().texts("SELECT current_database()").get(0);
      String disconnect =
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE datname = current_database() AND pid <> pg_backend_pid()";
      SyncListener harm =
          afterTenBatches(
              () -> {
                sides.source().update(database + " SET default_transaction_read_only = on");
                execute(sides, disconnect);
              });
      try (SyncEngine engine = sides.engine().listener(harm).build()) {
        SyncResult result = engine.run();

        assertThat(result.success()).isFalse();
        assertThat(result.message()).contains("the store is not available").contains("read-only");
        assertThat(sides.store().number("SELECT count(*) FROM sync_log WHERE status = 'error'"))
            .isZero();
        sides.assertConsistent();
        sides.source().update(database + " RESET default_transaction_read_only");
        execute(sides, disconnect);
        RepeatedRuns.untilSuccess(engine::run);
        sides.assertEqual();
        sides.assertRunHistory();
      }
    }
  }

  /** What a full disk looks like, on any machine: every insert of a trade says so. */
  @Test
  void aFullDiskEndsTheRunAndIsNamed() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      sides.addTrades(TRADES);
      SyncListener harm =
          afterTenBatches(
              () ->
                  execute(
                      sides,
                      """
                      CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
                      BEGIN
                        RAISE 'could not extend file: No space left on device'
                          USING ERRCODE = 'disk_full';
                      END $$;
                      CREATE TRIGGER disk_full BEFORE INSERT ON sync_log
                      EXECUTE FUNCTION disk_full()"""));
      try (SyncEngine engine = sides.engine().listener(harm).build()) {
        SyncResult result = engine.run();

        assertThat(result.success()).isFalse();
        assertThat(result.message())
            .contains("the store is not available")
            .contains("No space left on device");
        sides.assertConsistent();
        execute(sides, "DROP TRIGGER disk_full ON sync_log");
        RepeatedRuns.untilSuccess(engine::run);
        sides.assertEqual();
        sides.assertRunHistory();
      }
    }
  }

  /** A disk that is full indeed; only where this user may mount one. */
  @Tag("long")
  @Test
  void aDiskThatIsFullIndeed(@TempDir Path directory) throws Exception {
    Path disk = directory.toRealPath();
    assumeThat(mount("-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", disk.toString())).isTrue();
    try (PrivatePostgres server = PrivatePostgres.start()) {
      server.execute("CREATE TABLESPACE small LOCATION '" + disk + "'");
      String store = server.newDatabase("analytics");
      server.execute("ALTER DATABASE analytics SET TABLESPACE small");
      try (SourceAndStore sides = SourceAndStore.at(server.newDatabase("ponder"), store);
          SyncEngine engine = sides.engine().build()) {
        sides.addTrades(60_000);

        SyncResult full = engine.run();

        assertThat(full.success()).isFalse();
        assertThat(full.message()).contains("No space left on device");
        assertThat(full.processed()).isPositive();
        assertThat(mount("-o", "remount,size=1g", disk.toString())).isTrue();
        sides.assertConsistent();
        SyncResult result = RepeatedRuns.untilSuccess(engine::run);
        assertThat(result.processed()).isEqualTo(60_000 - full.processed());
        sides.assertEqual();
        sides.assertRunHistory();
      }
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }

  private static boolean mount(String... arguments) throws InterruptedException {
    try {
      String[] command = new String[arguments.length + 1];
      command[0] = "mount";
      System.arraycopy(arguments, 0, command, 1, arguments.length);
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Somebody holds a lock on the candles for longer than a statement may take. */
  @Test
  void statementsThatTakeTooLongAreTriedAgainByTheNextRun() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      sides.addTrades(200);
      SyncLog limited =
          PostgresSyncLog.builder(sides.pool(sides.storeUrl(), 7))
              .statementTimeout(Duration.ofMillis(200))
              .build();
      try (SyncEngine engine = sides.engine().log(limited).maxAttempts(2).build()) {
        SyncResult result;
        try (Connection other = DriverManager.getConnection(sides.storeUrl());
            Statement statement = other.createStatement()) {
          other.setAutoCommit(false);
          statement.execute("LOCK TABLE trade_candles IN EXCLUSIVE MODE");
          result = engine.run();
        }

        assertThat(result.processed()).isZero();
        assertThat(engine.failedTrades(TradeKey.MIN, 1_000))
            .hasSize((int) result.errors())
            .extracting(FailedTrade::reason)
            .allMatch(reason -> reason.contains("statement timeout"));
        sides.assertConsistent();
        assertThat(RepeatedRuns.untilSuccess(engine::run).processed()).isEqualTo(200);
        sides.assertEqual();
        sides.assertRunHistory();
      }
    }
  }
}
