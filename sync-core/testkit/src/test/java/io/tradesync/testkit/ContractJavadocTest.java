package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The javadoc of a contract names each rule that its tests check, in the words of the test, which a
 * failure reports as well; and it names no other rule.
 */
class ContractJavadocTest {

  private static final Path SOURCES = Path.of("src/main/java/io/tradesync/testkit");
  private static final Pattern RULE = Pattern.compile("<li>(.*?)(?=<li>|</ul>)", Pattern.DOTALL);
  private static final Pattern TAG = Pattern.compile("\\{@(?:code|link|linkplain)\\s+([^}]*)}");

  static Stream<Class<?>> contracts() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .filter(name -> !name.equals("package-info"))
          .<Class<?>>map(ContractJavadocTest::load)
          .filter(type -> Modifier.isPublic(type.getModifiers()) && !rules(type).isEmpty())
          .sorted((a, b) -> a.getName().compareTo(b.getName()))
          .toList()
          .stream();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(ContractJavadocTest.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void eachTestIsARuleAndEachRuleATest(Class<?> contract) throws IOException {
    assertThat(named(contract)).containsExactlyInAnyOrderElementsOf(rules(contract));
  }

  @Test
  void everyContractIsHeldAgainstItsJavadoc() throws IOException {
    assertThat(contracts())
        .contains(
            TradeSourceContract.class,
            CompleteTradeSourceContract.class,
            AnalyticsSinkContract.class,
            SyncLogContract.class,
            ClaimContract.class,
            WorkersContract.class)
        .hasSizeGreaterThan(20);
  }

  /** The tests of a contract, and of its parts of which users see no javadoc. */
  private static List<String> rules(Class<?> contract) {
    List<String> rules = new ArrayList<>(tests(contract));
    Class<?> base = contract.getSuperclass();
    while (base != Object.class && !Modifier.isPublic(base.getModifiers())) {
      rules.addAll(tests(base));
      base = base.getSuperclass();
    }
    for (Class<?> nested : contract.getDeclaredClasses()) {
      Class<?> part = nested.getSuperclass();
      if (nested.isAnnotationPresent(Nested.class) && !Modifier.isPublic(part.getModifiers())) {
        rules.addAll(tests(part));
      }
    }
    return rules;
  }

  private static List<String> tests(Class<?> part) {
    return Arrays.stream(part.getDeclaredMethods())
        .filter(
            method ->
                method.isAnnotationPresent(Test.class)
                    || method.isAnnotationPresent(TestFactory.class))
        .map(Method::getName)
        .map(name -> name.toLowerCase(Locale.ROOT))
        .toList();
  }

  /** The rules of the javadoc, each as the longest name of a test that it begins with. */
  private static List<String> named(Class<?> contract) throws IOException {
    String source = Files.readString(SOURCES.resolve(contract.getSimpleName() + ".java"));
    int end = source.indexOf("public abstract class " + contract.getSimpleName());
    String javadoc = source.substring(source.lastIndexOf("\n/**", end), end);
    List<String> named = new ArrayList<>();
    Matcher rule = RULE.matcher(javadoc.replaceAll("\n \\*", " "));
    while (rule.find()) {
      String words = TAG.matcher(rule.group(1)).replaceAll("$1").replaceAll("[^A-Za-z0-9]", "");
      String text = words.toLowerCase(Locale.ROOT);
      named.add(
          rules(contract).stream()
              .filter(text::startsWith)
              .max((a, b) -> Integer.compare(a.length(), b.length()))
              .orElse("no test: " + rule.group(1).strip()));
    }
    return named;
  }
}
