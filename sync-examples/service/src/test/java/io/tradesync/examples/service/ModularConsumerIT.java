package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program with a module descriptor of its own uses the packaged libraries on the module path. It
 * names the modules that it uses itself, and the JVM gets no option such as {@code --add-modules}.
 */
class ModularConsumerIT {

  private static final String DESCRIPTOR =
      """
      module consumer {
        requires io.tradesync.jdbc;
        requires io.tradesync.redis;
        requires java.naming;
        requires org.postgresql.jdbc;
      }
      """;

  private static final String PROGRAM =
      """
      package consumer;

      import io.lettuce.core.RedisURI;
      import io.tradesync.SyncEngine;
      import io.tradesync.jdbc.PonderTradeSource;
      import io.tradesync.jdbc.PostgresSyncLog;
      import io.tradesync.jdbc.TimescaleSink;
      import io.tradesync.redis.LiveConsumer;
      import org.postgresql.ds.PGSimpleDataSource;

      public class Program {
        public static void main(String... arguments) {
          PGSimpleDataSource ponder = new PGSimpleDataSource();
          ponder.setUrl(arguments[0]);
          PGSimpleDataSource analytics = new PGSimpleDataSource();
          analytics.setUrl(arguments[1]);
          try (LiveConsumer live =
                  LiveConsumer.builder(RedisURI.create("redis://127.0.0.1:1")).streams("t").build();
              SyncEngine engine =
                  SyncEngine.builder()
                      .source(PonderTradeSource.builder(ponder).build())
                      .log(PostgresSyncLog.builder(analytics).build())
                      .sink(TimescaleSink.builder().build())
                      .build()) {
            live.prepare();
            System.out.println(engine.run().message());
          }
        }
      }
      """;

  private static final Pattern NEEDED =
      Pattern.compile(
          "sync-(?:core|jdbc|redis)-(?!.*-tests).*|(?:slf4j-api|jspecify|resilience4j-|jdbi3-"
              + "|geantyref|postgresql-4|lettuce-core|netty-|reactor-core|reactive-streams"
              + "|redis-authx-core).*");

  @TempDir Path directory;

  @Test
  void theLibrariesAreModulesThatNameWhatTheyNeed() throws Exception {
    PostgresServer.Database ponder = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
    SampleData.addTrades(ponder.jdbcUrl());
    PostgresServer.Database analytics = PostgresServer.get().newDatabase();
    Path classes = compiled();

    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                classes + File.pathSeparator + modulePath(),
                "--module",
                "consumer/consumer.Program",
                ponder.jdbcUrl(),
                analytics.jdbcUrl())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).endsWith("Sync completed: 12/12 trades processed\n");
  }

  private Path compiled() throws Exception {
    Path sources = Files.createDirectories(directory.resolve("consumer"));
    List<Path> files =
        List.of(
            Files.writeString(directory.resolve("module-info.java"), DESCRIPTOR),
            Files.writeString(sources.resolve("Program.java"), PROGRAM));
    Path classes = directory.resolve("classes");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<String> options = List.of("--module-path", modulePath(), "-d", classes.toString());
      assertThat(
              compiler
                  .getTask(
                      null,
                      manager,
                      null,
                      options,
                      null,
                      manager.getJavaFileObjectsFromPaths(files))
                  .call())
          .isTrue();
    }
    return classes;
  }

  /** Only what the three libraries bring along: on the path of the service there is more. */
  private static String modulePath() {
    Set<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(path -> NEEDED.matcher(Path.of(path).getFileName().toString()).matches())
            .collect(Collectors.toSet());
    assertThat(jars).hasSizeGreaterThan(15);
    return String.join(File.pathSeparator, jars);
  }
}
