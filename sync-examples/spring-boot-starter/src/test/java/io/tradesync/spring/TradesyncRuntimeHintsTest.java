package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.inmemory.InMemorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

class TradesyncRuntimeHintsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().resolve("../..").normalize();
  private static final Pattern PROXIED =
      Pattern.compile(
          "(?:retries\\.(?:brieflyA|a)round\\(|new Class<\\?>\\[\\] \\{)(\\w+)\\.class");

  private final RuntimeHints hints = new RuntimeHints();

  TradesyncRuntimeHintsTest() {
    new TradesyncRuntimeHints().registerHints(hints, getClass().getClassLoader());
  }

  private static Stream<Path> files(String directory) throws IOException {
    return Files.walk(ROOT.resolve(directory)).filter(Files::isRegularFile);
  }

  @Test
  void everyResourceOfTheLibraryIsInTheImage() throws IOException {
    Path resources = ROOT.resolve("sync-jdbc/src/main/resources");
    try (Stream<Path> files = files("sync-jdbc/src/main/resources")) {
      assertThat(files.map(file -> resources.relativize(file).toString()))
          .hasSizeGreaterThan(10)
          .allMatch(name -> RuntimeHintsPredicates.resource().forResource(name).test(hints));
    }
    assertThat(ROOT.resolve("sync-core/src/main/resources")).doesNotExist();
    assertThat(ROOT.resolve("sync-redis/src/main/resources")).doesNotExist();
  }

  @Test
  void everyInterfaceThatIsProxiedIsInTheImage() throws IOException {
    List<Path> sources;
    try (Stream<Path> core = files("sync-core/src/main/java");
        Stream<Path> jdbc = files("sync-jdbc/src/main/java")) {
      sources = Stream.concat(core, jdbc).toList();
    }
    List<String> proxied =
        sources.stream()
            .flatMap(TradesyncRuntimeHintsTest::lines)
            .flatMap(line -> PROXIED.matcher(line).results())
            .map(found -> found.group(1))
            .distinct()
            .toList();
    assertThat(proxied).hasSizeGreaterThan(5);
    List<String> known =
        hints
            .proxies()
            .jdkProxyHints()
            .flatMap(hint -> hint.getProxiedInterfaces().stream())
            .map(type -> type.getSimpleName())
            .toList();
    assertThat(known).containsAll(proxied);
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void processed(Class<?> configuration, List<String> properties, Check check) {
    TestGenerationContext generation = new TestGenerationContext();
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    TestPropertyValues.of(properties).applyTo(context);
    context.register(configuration, TradesyncAutoConfiguration.class);
    var initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
    generation.writeGeneratedContent();
    TestCompiler.forSystem()
        .with(generation)
        .compile(
            compiled -> {
              GenericApplicationContext generated = new GenericApplicationContext();
              TestPropertyValues.of(properties).applyTo(generated);
              @SuppressWarnings("unchecked")
              ApplicationContextInitializer<GenericApplicationContext> instance =
                  compiled.getInstance(ApplicationContextInitializer.class, initializer.toString());
              instance.initialize(generated);
              generated.refresh();
              try (generated) {
                check.accept(generated);
              }
            });
  }

  private interface Check extends java.util.function.Consumer<GenericApplicationContext> {}

  @Test
  @CompileWithForkedClassLoader
  void anApplicationThatWasProcessedAheadOfTimeRuns() {
    processed(
        InMemoryBeans.class,
        List.of("tradesync.engine.batch-size=7"),
        context -> {
          assertThat(context.getBean(SyncEngine.class).run().processed()).isEqualTo(100);
          assertThat(context.getBean(InMemorySink.class).trades()).hasSize(100);
        });
  }

  @Test
  @CompileWithForkedClassLoader
  void soDoesOneWithSeveralEngines() {
    processed(
        TradesyncAutoConfigurationTest.TwoEngines.class,
        List.of(
            "tradesync.engines.orders.engine.batch-size=5",
            "tradesync.engines.swaps.engine.batch-size=2"),
        context -> {
          assertThat(context.getBean("ordersSyncEngine", SyncEngine.class).run().processed())
              .isEqualTo(7);
          assertThat(context.getBean("sink", InMemorySink.class).trades()).hasSize(7);
          assertThat(context.getBean("sinkOfSwaps", InMemorySink.class).trades()).isEmpty();
        });
  }
}
