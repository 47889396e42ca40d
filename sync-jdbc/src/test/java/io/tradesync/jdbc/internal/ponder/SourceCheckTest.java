package io.tradesync.jdbc.internal.ponder;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.jdbc.PonderColumn;
import io.tradesync.jdbc.PonderRole;
import io.tradesync.jdbc.PonderTables;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.internal.sql.Identifiers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A source that cannot be used is refused with one line that names what is wrong. */
class SourceCheckTest {

  private static PonderTables tables;

  @BeforeAll
  static void create() {
    tables = new PonderTables();
  }

  @AfterAll
  static void drop() {
    tables.close();
  }

  @BeforeEach
  void empty() {
    tables.create("integer", "");
  }

  private static PonderTradeSource.Builder builder() {
    return PonderTradeSource.builder(tables.database.dataSource());
  }

  private static Throwable failure(PonderTradeSource.Builder builder) {
    PonderTradeSource source = builder.build();
    Throwable failure = catchThrowable(source::prepare);
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage()).doesNotContain("\n").hasSizeLessThan(500);
    return failure;
  }

  private static void refused(PonderTradeSource.Builder builder, String setting, String... parts) {
    Throwable failure = failure(builder);
    assertThat(failure).isInstanceOf(InvalidSettingException.class).hasMessageContainingAll(parts);
    assertThat(((InvalidSettingException) failure).name()).isEqualTo(setting);
    assertThat(failure.getMessage()).startsWith(setting + " must ");
  }

  private static void unreachable(PGSimpleDataSource dataSource, String... parts) {
    Throwable failure = failure(PonderTradeSource.builder(dataSource));
    assertThat(failure)
        .isInstanceOf(SideUnavailableException.class)
        .hasMessageStartingWith("the source is not available: ")
        .hasMessageContainingAll(parts);
    assertThat(((SideUnavailableException) failure).side()).isEqualTo(Side.SOURCE);
    assertThat(((SideUnavailableException) failure).isTimeout()).isFalse();
    StringWriter all = new StringWriter();
    failure.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain(dataSource.getPassword());
  }

  private static PGSimpleDataSource dataSource(String url) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    dataSource.setUser(tables.database.user());
    dataSource.setPassword("not-" + PonderRole.PASSWORD);
    return dataSource;
  }

  // The server and the login

  @Test
  void anUnreachableServer() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    unreachable(
        dataSource("jdbc:postgresql://127.0.0.1:" + port + "/ponder"),
        "127.0.0.1:" + port,
        "refused",
        "check the address in the source's DataSource");
  }

  @Test
  void anUnknownHost() {
    unreachable(
        dataSource("jdbc:postgresql://no-such-host.invalid/ponder"),
        "no-such-host.invalid",
        "check the address in the source's DataSource");
  }

  @Test
  void anAbsentDatabase() {
    PGSimpleDataSource dataSource =
        dataSource(tables.database.url().replace(tables.database.name(), "no_such_database"));
    dataSource.setPassword(tables.database.password());
    Throwable failure = failure(PonderTradeSource.builder(dataSource));
    assertThat(failure)
        .isInstanceOf(SideUnavailableException.class)
        .hasMessageContainingAll(
            "\"no_such_database\" does not exist",
            "check the database's name in the source's DataSource");
  }

  @Test
  void aWrongPassword() {
    try (PonderRole role = new PonderRole(tables);
        PasswordsAsked ignored = new PasswordsAsked(role)) {
      PGSimpleDataSource dataSource = role.dataSource("wrong-" + PonderRole.PASSWORD);
      unreachable(
          dataSource,
          "password authentication failed for user \"" + role.name + "\"",
          "check the user and the password of the source's DataSource");
    }
  }

  /** The embedded server trusts everybody; for one role it is told not to. */
  private static final class PasswordsAsked implements AutoCloseable {
    private static final String REWRITE =
        """
        do $$ declare file oid := lo_from_bytea(0, convert_to(%s, 'UTF8')); begin
          perform lo_export(file, current_setting('hba_file'));
          perform lo_unlink(file);
          perform pg_reload_conf();
        end $$\
        """;
    private static final String FILE = "pg_read_file(current_setting('hba_file'))";

    private final String line;
    private final boolean trusted;

    PasswordsAsked(PonderRole role) {
      this.line = "host all " + role.name + " all scram-sha-256";
      this.trusted = letsIn(role);
      if (trusted) {
        tables.execute(REWRITE.formatted("'" + line + "' || chr(10) || " + FILE));
        await().atMost(20, SECONDS).until(() -> !letsIn(role));
      }
    }

    private static boolean letsIn(PonderRole role) {
      try (Connection connection = role.dataSource("x").getConnection()) {
        return connection.isValid(5);
      } catch (SQLException e) {
        return false;
      }
    }

    @Override
    public void close() {
      if (trusted) {
        tables.execute(REWRITE.formatted("replace(" + FILE + ", '" + line + "' || chr(10), '')"));
      }
    }
  }

  @Test
  void aDatabaseWhoseEncodingIsNotUtf8() {
    String name = tables.database.name() + "_latin1";
    tables.execute("create database " + name + " encoding 'LATIN1' locale 'C' template template0");
    try {
      PGSimpleDataSource dataSource =
          dataSource(tables.database.url().replace(tables.database.name(), name));
      dataSource.setPassword(tables.database.password());
      refused(PonderTradeSource.builder(dataSource), "dataSource", "UTF8", "LATIN1");
    } finally {
      tables.execute("drop database " + name);
    }
  }

  // The table

  @Test
  void anAbsentSchemaIsNamedWithThoseThatHaveTheTable() {
    refused(
        builder().schema("ponder"),
        "schema",
        "must be a schema of this database",
        "a table order_book_trades is in: public",
        "but is: ponder");
  }

  @Test
  void anAbsentTableIsNamedWithTheSchemasThatHaveIt() {
    tables.execute("create schema other");
    try {
      refused(builder().schema("other"), "table", "in schema other", "is in: public");
      refused(
          builder().table("Order_Book_Trades"),
          "table",
          "no schema of this database has a table Order_Book_Trades");
    } finally {
      tables.execute("drop schema other");
    }
  }

  @Test
  void anAbsentColumnIsNamedWithThoseOfTheTable() {
    tables.execute("alter table order_book_trades rename \"timestamp\" to block_time");
    refused(
        builder(), "column timestamp", "\"public\".\"order_book_trades\"", "it has: id, chain_id");
    refused(
        builder().column(PonderColumn.TIMESTAMP, "Block_Time"),
        "column timestamp",
        "block_time",
        "but is: Block_Time");
    refused(
        builder().column(PonderColumn.TIMESTAMP, "block_time").extraColumns("fee"),
        "extraColumns",
        "but is: fee");
    builder().column(PonderColumn.TIMESTAMP, "block_time").build().prepare();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ID             | uuid             | text or varchar",
        "ID             | integer          | text or varchar",
        "ID             | mood             | text or varchar",
        "CHAIN_ID       | text             | integer, bigint, smallint or numeric(n,0)",
        "CHAIN_ID       | double precision | integer, bigint, smallint or numeric(n,0)",
        "PRICE          | double precision | numeric, bigint, integer or smallint",
        "PRICE          | text             | numeric, bigint, integer or smallint",
        "QUANTITY       | real             | numeric, bigint, integer or smallint",
        "TIMESTAMP      | timestamptz      | integer, bigint, smallint or numeric(n,0)",
        "TIMESTAMP      | numeric(20,3)    | integer, bigint, smallint or numeric(n,0)",
        "TIMESTAMP      | numeric          | integer, bigint, smallint or numeric(n,0)",
        "TRANSACTION_ID | bytea            | text, varchar, char or an enum",
        "SIDE           | boolean          | text, varchar, char or an enum",
        "POOL_ID        | bigint           | text, varchar, char or an enum"
      })
  void aColumnOfTheWrongType(PonderColumn column, String type, String accepted) {
    tables.execute("create type mood as enum ('b', 'a')");
    tables.execute(
        "alter table order_book_trades drop column "
            + Identifiers.quote(column.defaultName())
            + ", add column "
            + Identifiers.quote(column.defaultName())
            + " "
            + type);
    refused(
        builder(),
        "column " + column.name().toLowerCase(Locale.ROOT),
        "must be of type " + accepted,
        "but is: " + column.defaultName() + " ");
  }

  @Test
  void aSideMayBeAnEnumAndAPoolADomain() {
    tables.execute(
        """
        create type mood as enum ('b', 'a');
        create domain address as text;
        alter table order_book_trades drop column side, add column side mood,
          alter pool_id type address, alter id type varchar(80), alter price type bigint;
        insert into order_book_trades values ('a', 1, 1, 1, 1, null, 'p', 'b')\
        """);
    PonderTradeSource source = builder().build();
    source.prepare();
    assertThat(source.byIds(List.of("a")).rows().get(0).side()).isEqualTo("b");
  }

  // Rights

  @Test
  void noRightToReadTheTableOrItsSchema() {
    try (PonderRole role = new PonderRole(tables)) {
      PonderTradeSource.Builder builder = PonderTradeSource.builder(role.dataSource());
      String[] advice = {"public.order_book_trades", "permission denied", "grant USAGE", "SELECT"};
      refused(builder, "table", advice);
      role.execute("grant usage on schema public to %s");
      refused(builder, "table", advice);
      role.execute("grant select (id, \"timestamp\", price) on order_book_trades to %s");
      refused(builder, "table", advice);
      role.execute("grant select on order_book_trades to %s");
      builder.build().prepare();
    }
  }

  @Test
  void aViewWhoseOwnerMayNotReadTheTable() {
    try (PonderRole role = new PonderRole(tables)) {
      tables.execute("create view behind as select * from order_book_trades");
      role.execute("grant usage on schema public to %s");
      role.execute("alter view behind owner to %s");
      refused(builder().table("behind"), "table", "permission denied", "order_book_trades");
    }
  }
}
