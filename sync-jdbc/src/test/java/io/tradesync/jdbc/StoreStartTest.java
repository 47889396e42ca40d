package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** A start that cannot succeed ends, and says why. */
@Timeout(value = 15, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreStartTest {

  private final StoreFixture store = new StoreFixture();

  @AfterEach
  void drop() {
    store.database.close();
  }

  private PostgresSyncLog impatientLog() {
    return PostgresSyncLog.builder(store.database.dataSource())
        .statementTimeout(Duration.ofSeconds(1))
        .build();
  }

  /** Does something while another session has executed some SQL in a transaction. */
  private void whileAnotherSessionHolds(String sql, Runnable work) throws Exception {
    PGSimpleDataSource other = new PGSimpleDataSource();
    other.setUrl(store.database.jdbcUrl());
    other.setApplicationName("nightly-job");
    try (Connection connection = other.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(sql);
      work.run();
    }
  }

  @Test
  void aStartThatWaitsForTheMigrationsOfAnotherSessionEndsAndNamesTheSession() throws Exception {
    whileAnotherSessionHolds(
        "select pg_advisory_xact_lock(" + 0x747264_73796e63L + ")",
        () ->
            assertThatThrownBy(() -> impatientLog().prepare())
                .isInstanceOfSatisfying(
                    SideUnavailableException.class, e -> assertThat(e.side()).isEqualTo(Side.STORE))
                .hasMessageContaining("waited 1s for a lock that session ")
                .hasMessageContaining("application nightly-job"));
  }

  @Test
  void aStartThatWaitsForALockedTableEndsAndNamesTheSession() throws Exception {
    store.log.prepare();
    whileAnotherSessionHolds(
        "lock table sync_log in access exclusive mode",
        () ->
            assertThatThrownBy(() -> impatientLog().prepare())
                .isInstanceOf(SideUnavailableException.class)
                .hasMessageContaining("waited 1s for a lock that session ")
                .hasMessageContaining("application nightly-job"));
  }

  @Test
  void aStartDoesNotWaitForTheMigrationsOfOthersIfAllAreApplied() throws Exception {
    store.log.prepare();
    whileAnotherSessionHolds(
        "select pg_advisory_xact_lock(" + 0x747264_73796e63L + ")", () -> impatientLog().prepare());
  }

  @Test
  void rightsOnRowsAreEnoughIfAllMigrationsAreApplied() throws Exception {
    store.prepare();
    store.execute("drop role if exists row_writer");
    store.execute("create role row_writer login password 'secret-word'");
    store.execute("revoke create on schema public from public");
    store.execute(
        "grant select, insert, update, delete on all tables in schema public to row_writer");
    PGSimpleDataSource connections = new PGSimpleDataSource();
    connections.setUrl(store.database.url());
    connections.setUser("row_writer");
    connections.setPassword("secret-word");
    PostgresSyncLog log = PostgresSyncLog.builder(connections).build();

    log.prepare();
    log.transact(
        null,
        transaction -> {
          store.sink.prepare(log.service(), (Connection) transaction.handle());
          return true;
        });

    store.execute("drop owned by row_writer");
    store.execute("drop role row_writer");
  }

  @Test
  void aSchemaThatIsNewerThanTheLibraryIsRefusedWithBothVersions() throws Exception {
    store.prepare();
    store.execute("insert into tradesync_migration (component, version) values ('log', 1005)");

    assertThatThrownBy(() -> store.log.prepare())
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("schema")
        .hasMessageContaining("at version 1005")
        .hasMessageContaining("version up to ");
  }

  @Test
  void aStoreWhoseEncodingIsNotUtf8IsRefused() throws Exception {
    store.execute(
        "create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0");
    PGSimpleDataSource latin = new PGSimpleDataSource();
    latin.setUrl(store.database.url().replaceFirst("/[^/?]+(\\?|$)", "/latin$1"));
    latin.setUser(store.database.user());
    latin.setPassword(store.database.password());
    try {
      assertThatThrownBy(() -> PostgresSyncLog.builder(latin).build().prepare())
          .isInstanceOf(InvalidSettingException.class)
          .hasMessageContaining("LATIN1")
          .hasMessageContaining("UTF8");
    } finally {
      store.execute("drop database latin");
    }
  }
}
