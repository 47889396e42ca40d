package io.tradesync.examples.howto.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.redis.Decoded;
import io.tradesync.redis.EntryDecoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Each block of the documentation is of a language whose blocks are checked. */
class BlocksTest {

  /** What checks the blocks of a language. */
  private static final Map<String, String> CHECKED =
      Map.of(
          "bash", "this class",
          "java", "SnippetsTest, and SpringDocTest those of Spring",
          "mermaid", ".ci/docs/check.mjs",
          "properties", "SpringDocTest",
          "redis", "this class",
          "sh", "this class",
          "sql", "this class, GettingStartedTest, and HypertableSettingsTest those of TIMESCALE.md",
          "ts", ".ci/docs/check.mjs",
          "xml", "this class");

  /** No code: what a program prints, and the rule of a consumer that a contract test follows. */
  private static final Map<String, String> TEXTS =
      Map.of("GETTING-STARTED.md", "GettingStartedTest", "LIVE.md", "RedisStreamSinkContractTest");

  private static final Pattern PROFILE = Pattern.compile("\\bmvn\\b[^`\\n]*? -P([\\w.-]+)");
  private static final Pattern PROFILE_OF_POM = Pattern.compile("<profile>\\s*<id>([^<]+)</id>");

  private static List<Page.Block> blocks(String... languages) throws IOException {
    List<Page.Block> blocks =
        Page.all().stream()
            .flatMap(page -> page.blocks().stream())
            .filter(block -> List.of(languages).contains(block.language()))
            .toList();
    assertThat(blocks).isNotEmpty();
    return blocks;
  }

  @Test
  void eachBlockIsOfALanguageThatIsChecked() throws IOException {
    for (Page page : Page.all()) {
      int fences = page.text().split("(?m)^ *```", -1).length - 1;
      assertThat(page.blocks()).as("%s: fences that end", page).hasSize(fences / 2);
      assertThat(page.blocks())
          .allSatisfy(
              block -> {
                if (block.language().equals("text")) {
                  assertThat(TEXTS).containsKey(block.page());
                } else {
                  assertThat(CHECKED).as("%s", block).containsKey(block.language());
                }
              });
    }
  }

  @Test
  void theIndexNamesEachPage() throws IOException {
    String index = Files.readString(Page.ROOT.resolve("docs/README.md"));
    assertThat(Page.all())
        .filteredOn(page -> page.file().getParent().endsWith("docs"))
        .hasSizeGreaterThan(15)
        .filteredOn(page -> !page.toString().equals("README.md"))
        .allSatisfy(page -> assertThat(index).contains("](" + page + ")"));
  }

  /** On TimescaleDB run those of its page. */
  @Test
  void eachStatementRuns() throws Exception {
    try (PostgresServer.Database both = PostgresServer.get().newDatabase()) {
      execute(both, Page.named("GETTING-STARTED.md").snippets("sql").get(0));
      PonderTradeSource source = PonderTradeSource.builder(both.dataSource()).build();
      try (SyncEngine engine =
          SyncEngine.builder()
              .source(source)
              .log(PostgresSyncLog.builder(both.dataSource()).build())
              .sink(TimescaleSink.builder().build())
              .build()) {
        assertThat(engine.run().processed()).isEqualTo(3);
      }
      for (Page.Block block : blocks("sql")) {
        if (!Set.of("GETTING-STARTED.md", "TIMESCALE.md", "FINGERPRINT.md")
            .contains(block.page())) {
          execute(both, block.text());
        }
      }
      List<String> fingerprints = Page.named("FINGERPRINT.md").snippets("sql");
      assertThat(fingerprints).hasSize(2);
      List<Long> ofTheSource =
          source.page(KeyRange.all(), 10).rows().stream().map(Trade::fingerprint).toList();
      assertThat(numbers(both, fingerprints.get(0))).hasSize(3).hasSameElementsAs(ofTheSource);
      // That of a row that is no trade is an expression.
      execute(both, "select " + fingerprints.get(1) + " from order_book_trades");
    }
  }

  private static void execute(PostgresServer.Database database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<Long> numbers(PostgresServer.Database database, String sql)
      throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<Long> numbers = new ArrayList<>();
      while (rows.next()) {
        numbers.add(rows.getLong(1));
      }
      return numbers;
    }
  }

  /** The entries that the documentation adds to a stream are read as it says. */
  @Test
  void eachStreamEntryIsReadAsItIsMeant() throws IOException {
    assertThat(blocks("redis"))
        .hasSize(2)
        .allSatisfy(
            block -> {
              String[] added = block.text().strip().split(" \\* ");
              String[] words = added[1].split(" ");
              Map<String, String> fields = new LinkedHashMap<>();
              for (int i = 0; i < words.length; i += 2) {
                fields.put(words[i], words[i + 1]);
              }
              boolean isHint = fields.containsKey("tradeId");
              EntryDecoder decoder = isHint ? EntryDecoder.hints() : EntryDecoder.trades();
              assertThat(decoder.decode(added[0].split(" ")[1], "1-0", fields))
                  .isInstanceOf(isHint ? Decoded.Hinted.class : Decoded.Whole.class);
            });
  }

  @Test
  void eachShellScriptParses() throws Exception {
    for (Page.Block block : blocks("sh", "bash")) {
      Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
      try (var input = bash.getOutputStream()) {
        input.write(block.text().getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(bash.waitFor()).as("%s: %s", block, said).isZero();
    }
  }

  @Test
  void eachProfileThatACommandNamesExists() throws IOException {
    Set<String> profiles = new HashSet<>();
    for (Path pom : poms()) {
      found(PROFILE_OF_POM, Files.readString(pom)).forEach(profiles::add);
    }
    for (Page page : Page.all()) {
      assertThat(profiles).as(page.toString()).containsAll(found(PROFILE, page.text()));
    }
    assertThat(found(PROFILE, Page.named("README.md").text())).contains("docs");
  }

  /**
   * Looks only where modules are: below target, files come and go while other modules are built.
   */
  private static List<Path> poms() throws IOException {
    List<Path> directories = new ArrayList<>(List.of(Page.ROOT));
    for (Path parent : directories(Page.ROOT)) {
      directories.add(parent);
      directories.addAll(directories(parent));
    }
    return directories.stream()
        .map(directory -> directory.resolve("pom.xml"))
        .filter(Files::exists)
        .toList();
  }

  private static List<Path> directories(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.filter(Files::isDirectory).toList();
    }
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toSet());
  }

  /** The modules of ours that a POM names are in the BOM, in the version of this tree. */
  @Test
  void eachPomNamesModulesThatExist() throws Exception {
    Set<String> published = new HashSet<>(Set.of("sync-bom"));
    Element bom = parsed(Files.readString(Page.ROOT.resolve("sync-core/bom/pom.xml")));
    for (Element dependency : elements(bom, "dependency")) {
      published.add(text(dependency, "artifactId"));
    }
    String version = text(elements(bom, "parent").get(0), "version");
    for (Page.Block block : blocks("xml")) {
      Element root = parsed(block.text());
      List<Element> dependencies = new ArrayList<>(elements(root, "dependency"));
      if (root.getTagName().equals("dependency")) {
        dependencies.add(root);
      }
      List<Element> ours =
          dependencies.stream()
              .filter(dependency -> text(dependency, "groupId").equals("io.tradesync"))
              .toList();
      assertThat(ours)
          .as(block.toString())
          .isNotEmpty()
          .allSatisfy(
              dependency -> {
                assertThat(published).contains(text(dependency, "artifactId"));
                assertThat(text(dependency, "version"))
                    .isIn(version, elements(root, "dependencyManagement").isEmpty() ? version : "");
              });
    }
  }

  private static Element parsed(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList found = parent.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  /** The text of an element below another one; empty if there is none. */
  private static String text(Element parent, String name) {
    return elements(parent, name).stream().findFirst().map(Element::getTextContent).orElse("");
  }
}
