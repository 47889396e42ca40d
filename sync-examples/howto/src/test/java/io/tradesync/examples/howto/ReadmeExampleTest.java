package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What the README shows compiles, works, and is what stands here. */
class ReadmeExampleTest {

  private static String sync(DataSource ponder, DataSource analytics) {
    // From here to the end mark: the README's example.
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(ponder).schema("public").build())
            .log(PostgresSyncLog.builder(analytics).service("analytics").build())
            .sink(TimescaleSink.builder().build())
            .batchSize(50)
            .parallelism(4)
            .build()) {
      SyncHealth health = engine.health(); // what differs now; changes nothing
      if (health.isHealthy()) {
        return "nothing to do";
      }
      SyncResult result = engine.run(); // closes every gap
      return result.message();
    }
    // End of the README's example.
  }

  @Test
  void itClosesAGap() throws Exception {
    try (PostgresServer.Database ponder = PostgresServer.get().newDatabase();
        PostgresServer.Database analytics = PostgresServer.get().newDatabase()) {
      try (Connection connection = ponder.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            """
            create table order_book_trades (
              id text primary key, chain_id integer not null, price numeric(78, 0),
              quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
              pool_id text not null);
            insert into order_book_trades
            values ('trade_A', 1, 3, 5, 1754400000, '0x', 'Buy', 'pool')""");
      }

      assertThat(sync(ponder.dataSource(), analytics.dataSource()))
          .isEqualTo("Sync completed: 1/1 trades processed");
      assertThat(sync(ponder.dataSource(), analytics.dataSource())).isEqualTo("nothing to do");
    }
  }

  @Test
  void theReadmeShowsJustThis() throws Exception {
    Path module = Path.of("").toAbsolutePath();
    List<String> source =
        Files.readAllLines(
            module.resolve("src/test/java/io/tradesync/examples/howto/ReadmeExampleTest.java"));
    String example =
        String.join(
            "\n",
            source
                .subList(
                    indexOf(source, "// From here to the end mark: the README's example.") + 1,
                    indexOf(source, "// End of the README's example."))
                .stream()
                .map(line -> line.substring(4))
                .toList());

    assertThat(Files.readString(module.resolve("../../README.md").normalize()))
        .contains("```java\n" + example + "\n```");
  }

  private static int indexOf(List<String> lines, String text) {
    return lines.stream().map(String::strip).toList().indexOf(text);
  }
}
