package io.tradesync.examples.howto.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.jdbc.fixture.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever follows docs/GETTING-STARTED.md sees what it shows. */
class GettingStartedTest {

  private final Page page = Page.named("GETTING-STARTED.md");

  @TempDir Path directory;

  @Test
  void itsTablesItsProgramAndItsQueriesWorkAsShown() throws Exception {
    try (PostgresServer.Database ponder = PostgresServer.get().newDatabase();
        PostgresServer.Database analytics = PostgresServer.get().newDatabase()) {
      execute(ponder, page.snippets("sql").get(0));
      String program = page.snippets("java").get(0);
      assertThat(Compiled.into(directory, Map.of("FirstGap", program))).isEmpty();

      assertThat(outputOf(ponder.jdbcUrl(), analytics.jdbcUrl()))
          .isEqualTo(page.snippets("text").get(0));
      execute(analytics, page.snippets("sql").get(1));
      assertThat(outputOf(ponder.jdbcUrl(), analytics.jdbcUrl()))
          .contains("missing=0", "0/0 trades processed", "true");
    }
  }

  @Test
  void itsProjectsNameOurVersions() throws Exception {
    String parent = Files.readString(Path.of("../../pom.xml"));
    String ours = first(parent, "<artifactId>tradesync-parent</artifactId>\\s*<version>");

    assertThat(page.snippets("xml"))
        .hasSize(2)
        .allSatisfy(project -> assertThat(project).contains("<version>" + ours + "</version>"))
        .first()
        .asString()
        .contains("<version>" + first(parent, "<hikaricp.version>") + "</version>");
  }

  private static String first(String text, String before) {
    return text.replaceFirst("(?s).*?" + before + "([^<]*)<.*", "$1");
  }

  private String outputOf(String... arguments) throws Exception {
    PrintStream standard = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
      loader
          .loadClass("FirstGap")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } finally {
      System.setOut(standard);
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  private static void execute(PostgresServer.Database database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
