package io.tradesync.examples.service.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.rules.SourceTree.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words of docs/GLOSSARY.md are used, and the words that they replaced are not. */
class GlossaryTest {

  /** Names of types that no type has any more. */
  private static final Set<String> RETIRED_TYPES =
      Set.of(
          "Fence",
          "Gate",
          "GoneTrades",
          "Offer",
          "Plan",
          "Retractions",
          "RunJournal",
          "Slices",
          "Watched");

  /** Words that no identifier, log line, message or meter contains. */
  private static final Set<String> RETIRED_WORDS =
      Set.of(
          "anew",
          "audit trail",
          "batches together",
          "circuit",
          "contradicting",
          "dirty",
          "extent",
          "hint source",
          "horizon",
          "intake",
          "is of the way",
          "lane",
          "lanes",
          "loss watch",
          "recall",
          "run journal",
          "service memory",
          "sink ability",
          "stretch",
          "survey",
          "tally",
          "theirs",
          "unsettled",
          "write together",
          "written together");

  /** Words that are retired in sync-core and mean something else in other modules. */
  private static final Set<String> RETIRED_IN_CORE = Set.of("discovery");

  /** Words that no name uses for a bound or a side. Texts, such as SQL, may contain them. */
  private static final Set<String> RETIRED_IN_NAMES = Set.of("least", "most", "ours");

  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\\n]*", Pattern.DOTALL);
  private static final Pattern TEXT =
      Pattern.compile("\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"", Pattern.DOTALL);
  private static final Pattern TYPE =
      Pattern.compile("\\b(?:class|interface|record|enum)\\s+([A-Z]\\w*)");
  private static final Pattern NAME = Pattern.compile("\\b[A-Za-z_]\\w*\\b");

  private final List<SourceFile> files = SourceTree.mainFiles();

  @Test
  void noTypeHasARetiredName() {
    assertThat(found(file -> matches(TYPE, 1, code(file)).filter(RETIRED_TYPES::contains)))
        .isEmpty();
  }

  @Test
  void noNameOrTextContainsARetiredWord() {
    assertThat(found(file -> phrases(namesAndTexts(file), RETIRED_WORDS))).isEmpty();
  }

  @Test
  void noNameContainsARetiredBound() {
    assertThat(found(file -> phrases(names(file), RETIRED_IN_NAMES))).isEmpty();
  }

  @Test
  void coreContainsNoWordThatIsRetiredInCore() {
    assertThat(
            found(
                file ->
                    file.module().equals("sync-core")
                        ? phrases(namesAndTexts(file), RETIRED_IN_CORE)
                        : Stream.empty()))
        .isEmpty();
  }

  @Test
  void eachTypeOfTheGlossaryExists() {
    Set<String> types =
        files.stream()
            .map(file -> file.path().getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    List<String> named =
        matches(
                Pattern.compile("`([A-Z]\\w+)`"),
                1,
                SourceTree.read(SourceTree.ROOT.resolve("docs/GLOSSARY.md")))
            .toList();

    assertThat(named).hasSizeGreaterThan(30);
    assertThat(types).containsAll(named);
  }

  /** What is searched for in one file. */
  @FunctionalInterface
  private interface Search {
    Stream<String> in(SourceFile file);
  }

  private List<String> found(Search search) {
    return files.stream()
        .flatMap(file -> search.in(file).distinct().map(word -> file + ": " + word))
        .toList();
  }

  private static String code(SourceFile file) {
    // A text may contain the signs of a comment, so both are matched in one pass.
    Matcher matcher =
        Pattern.compile(TEXT.pattern() + "|" + COMMENT.pattern(), Pattern.DOTALL)
            .matcher(file.text());
    return matcher.replaceAll(
        match -> match.group().startsWith("/") ? " " : Matcher.quoteReplacement(match.group()));
  }

  private static List<String> names(SourceFile file) {
    return matches(NAME, 0, TEXT.matcher(code(file)).replaceAll("\"\""))
        .map(GlossaryTest::words)
        .filter(words -> !words.matches("at (least|most)"))
        .toList();
  }

  private static List<String> namesAndTexts(SourceFile file) {
    List<String> all = new ArrayList<>(names(file));
    matches(TEXT, 0, code(file)).map(GlossaryTest::words).forEach(all::add);
    return all;
  }

  /** Splits names at capitals and underscores, and texts at everything that is no letter. */
  private static String words(String text) {
    return text.replaceAll("([a-z0-9])([A-Z])", "$1 $2")
        .replaceAll("[^A-Za-z0-9]+", " ")
        .toLowerCase(Locale.ROOT)
        .strip();
  }

  private static Stream<String> phrases(List<String> texts, Set<String> retired) {
    return texts.stream()
        .flatMap(
            text ->
                retired.stream()
                    .filter(phrase -> (" " + text + " ").contains(" " + phrase + " "))
                    .map(phrase -> phrase + " in \"" + text + "\""));
  }

  private static Stream<String> matches(Pattern pattern, int group, String text) {
    return pattern.matcher(text).results().map(result -> result.group(group));
  }
}
