package io.tradesync.examples.service.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.rules.SourceTree.SourceFile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Rules of the tree that no single module can see. */
class SourceTreeTest {

  private static final int MAX_LINES = 450;

  /** One model of a chain with its steps and its checks, which no part can be read without. */
  private static final List<String> LONG_FILES = List.of("RandomHistory.java");

  private final List<SourceFile> files = SourceTree.mainFiles();

  @Test
  void noPackageIsInTwoModules() {
    Map<String, Set<String>> modulesByPackage =
        files.stream()
            .collect(
                Collectors.groupingBy(
                    SourceFile::packageName,
                    Collectors.mapping(SourceFile::module, Collectors.toSet())));

    assertThat(modulesByPackage).hasSizeGreaterThan(20);
    assertThat(modulesByPackage).allSatisfy((name, modules) -> assertThat(modules).hasSize(1));
  }

  @Test
  void eachPackageSaysWhatItIsFor() {
    Set<String> described =
        files.stream()
            .filter(SourceFile::isPackageInfo)
            .map(SourceFile::packageName)
            .collect(Collectors.toSet());

    assertThat(files).allSatisfy(file -> assertThat(described).contains(file.packageName()));
  }

  @Test
  void examplesUseNoInternalPackages() {
    List<SourceFile> examples =
        files.stream().filter(file -> file.module().startsWith("sync-examples/")).toList();

    assertThat(examples).hasSizeGreaterThan(50);
    assertThat(examples)
        .allSatisfy(
            file ->
                assertThat(file.text()).doesNotContainPattern("io\\.tradesync\\.[a-z.]*internal"));
  }

  @Test
  void noFileIsLong() {
    assertThat(files)
        .filteredOn(file -> file.text().lines().count() > MAX_LINES)
        .extracting(file -> file.path().getFileName().toString())
        .containsExactlyElementsOf(LONG_FILES);
  }
}
