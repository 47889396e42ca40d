package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.jdbc.PonderTables;
import io.tradesync.jdbc.PonderTradeSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;

/** Connections and servers that are unusual. */
class SourceDatabaseTest {

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

  /** The same object, except for the results of some methods. */
  private static <T> T with(Class<T> type, T real, Map<String, Object> results) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (results.containsKey(method.getName())) {
                return results.get(method.getName());
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Test
  void aPoolWhoseConnectionsDoNotCommitByThemselves() throws Exception {
    tables.execute("insert into order_book_trades values ('a', 1, 1, 1, 1, null, null, 'p')");
    try (Connection shared = tables.database.dataSource().getConnection()) {
      shared.setAutoCommit(false);
      Connection pooled = with(Connection.class, shared, Map.of("close", "nothing"));
      PonderTradeSource source =
          PonderTradeSource.builder(
                  with(
                      DataSource.class,
                      tables.database.dataSource(),
                      Map.of("getConnection", pooled)))
              .build();

      source.prepare();
      assertThat(source.page(KeyRange.all(), 10).rows()).hasSize(1);

      assertThat(
              tables.count(
                  """
                  select count(*) from pg_stat_activity
                  where datname = current_database() and state like 'idle in transaction%'\
                  """))
          .isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"PostgreSQL, 12, 12.22", "H2, 13, 2.3.232"})
  void aServerThatIsTooOldOrAnother(String product, int majorVersion, String version)
      throws Exception {
    try (Connection real = tables.database.dataSource().getConnection()) {
      DatabaseMetaData metaData =
          with(
              DatabaseMetaData.class,
              real.getMetaData(),
              Map.of(
                  "getDatabaseProductName", product,
                  "getDatabaseProductVersion", version,
                  "getDatabaseMajorVersion", majorVersion));
      Connection old = with(Connection.class, real, Map.of("getMetaData", metaData));
      PonderTradeSource source =
          PonderTradeSource.builder(
                  with(
                      DataSource.class, tables.database.dataSource(), Map.of("getConnection", old)))
              .build();

      assertThatThrownBy(source::prepare)
          .isInstanceOf(InvalidSettingException.class)
          .hasMessage(
              "dataSource must lead to PostgreSQL 13 or newer, but is: " + product + " " + version);
    }
  }

  @Test
  void aServerThatFallsSilentHoldsNoThreadForEver() throws Exception {
    try (CuttableNetwork network = new CuttableNetwork(tables.database.url())) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(network.url);
      dataSource.setUser(tables.database.user());
      dataSource.setPassword(tables.database.password());
      try (Connection open = dataSource.getConnection()) {
        PonderTradeSource source =
            PonderTradeSource.builder(
                    with(DataSource.class, dataSource, Map.of("getConnection", open)))
                .statementTimeout(Duration.ofMillis(100))
                .build();
        network.cut();

        long started = System.nanoTime();
        Throwable failure = catchThrowable(source::probe);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isBetween(Duration.ofSeconds(4), Duration.ofMinutes(1));
        assertThat(failure).isInstanceOf(SideUnavailableException.class);
        assertThat(((SideUnavailableException) failure).isTimeout()).isFalse();
      }
    }
  }

  /** A network to the server that can be cut without a sign to either end. */
  private static final class CuttableNetwork implements AutoCloseable {
    private final ServerSocket entry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    final String url;
    private final String host;
    private final int port;
    private volatile boolean cut;

    CuttableNetwork(String url) throws IOException {
      URI server = URI.create(url.substring("jdbc:".length()));
      this.host = server.getHost();
      this.port = server.getPort() < 0 ? 5432 : server.getPort();
      this.url = url.replaceFirst("//[^/]*/", "//127.0.0.1:" + entry.getLocalPort() + "/");
      daemon(this::connect);
    }

    void cut() {
      cut = true;
    }

    private void connect() throws IOException {
      Socket client = entry.accept();
      Socket server = new Socket(host, port);
      daemon(() -> pass(client.getInputStream(), server.getOutputStream()));
      daemon(() -> pass(server.getInputStream(), client.getOutputStream()));
    }

    private void pass(InputStream from, OutputStream to) throws IOException {
      byte[] bytes = new byte[8192];
      for (int read = from.read(bytes); read >= 0; read = from.read(bytes)) {
        if (!cut) {
          to.write(bytes, 0, read);
        }
      }
    }

    private interface Work {
      void run() throws IOException;
    }

    private static void daemon(Work work) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (IOException e) {
                  // The connection is over.
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    public void close() throws IOException {
      entry.close();
    }
  }

  @Test
  void aLargeTableWithoutAnIndexOnTheTimestampIsLoggedOnce() {
    tables.execute(
        """
        insert into order_book_trades
        select i::text, 1, 1, 1, i, null, null, 'p' from generate_series(1, 200000) i\
        """);
    tables.execute("create view seen as select * from order_book_trades");
    tables.execute("analyze order_book_trades");
    assertThat(warnings("order_book_trades")).isEmpty();
    assertThat(warnings("seen")).isEmpty();

    tables.execute("drop index order_book_trades_timestamp_idx");
    assertThat(warnings("order_book_trades"))
        .singleElement()
        .asString()
        .contains("No index on timestamp", "\"public\".\"order_book_trades\"");
    assertThat(warnings("seen")).singleElement().asString().contains("\"public\".\"seen\"");
  }

  private static List<String> warnings(String table) {
    Logger logger = (Logger) LoggerFactory.getLogger(PonderTradeSource.class.getPackageName());
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    try {
      PonderTradeSource source =
          PonderTradeSource.builder(tables.database.dataSource()).table(table).build();
      source.prepare();
      source.first(KeyRange.all());
    } finally {
      logger.setLevel(null);
      logger.setAdditive(true);
      logger.detachAppender(told);
    }
    return told.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }
}
