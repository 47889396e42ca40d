package io.tradesync;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

@AnalyzeClasses(packages = "io.tradesync", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final DescribedPredicate<JavaClass> INTERNAL =
      resideInAPackage("io.tradesync.internal..");
  private static final DescribedPredicate<JavaClass> RESILIENCE4J =
      resideInAPackage("io.github.resilience4j..");

  private static final DescribedPredicate<JavaClass> METERS =
      resideInAPackage("io.tradesync.micrometer");
  private static final DescribedPredicate<JavaClass> MICROMETER =
      resideInAPackage("io.micrometer..");

  private static final DescribedPredicate<JavaClass> SPI = resideInAPackage("io.tradesync.spi..");
  private static final DescribedPredicate<JavaClass> LOG_SPI =
      resideInAPackage("io.tradesync.spi.log");
  private static final DescribedPredicate<JavaClass> IN_MEMORY =
      resideInAPackage("io.tradesync.inmemory..");

  /** The upper half of the root package; all other types in it are values. */
  private static final DescribedPredicate<JavaClass> ENGINE =
      belongToAnyOf(SyncEngine.class, SyncEngineBuilder.class, EngineParts.class);

  private static final DescribedPredicate<JavaClass> VALUES =
      resideInAPackage("io.tradesync").and(not(ENGINE));

  private static final SliceAssignment TOP_LEVEL_TYPES =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          return SliceIdentifier.of(topLevel(type).getName());
        }

        @Override
        public String getDescription() {
          return "top-level types";
        }
      };

  private static JavaClass topLevel(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::topLevel).orElse(type);
  }

  @ArchTest
  static final ArchRule coreNeedsLittle =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "io.tradesync..",
                      "java..",
                      "org.slf4j..",
                      "org.jspecify..",
                      "io.github.resilience4j..")
                  .or(MICROMETER));

  @ArchTest
  static final ArchRule onlyItsOwnPackageKnowsMicrometer =
      noClasses().that(not(METERS)).should().dependOnClassesThat(MICROMETER.or(METERS));

  @ArchTest
  static final ArchRule metersUseWhatAnybodyCanUse =
      noClasses().that(METERS).should().dependOnClassesThat(INTERNAL.or(LOG_SPI));

  @ArchTest
  static final ArchRule retriesAreInternal =
      noClasses().that(not(INTERNAL)).should().dependOnClassesThat(RESILIENCE4J);

  @ArchTest
  static final ArchRule coreDoesNoInputAndOutput =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.sql..",
                      "javax.sql..",
                      "java.net..",
                      "java.nio.file..",
                      "java.nio.channels..",
                      "java.io..")
                  .and(not(describe("allowed", ArchitectureTest::isAllowed))));

  // Records and enums are serializable; an IOException is a failure, not a file. The content of a
  // work order is written to bytes in memory.
  private static boolean isAllowed(JavaClass type) {
    return type.getName().equals(IOException.class.getName())
        || type.getName().equals("java.io.OutputStream")
        || type.getName().equals("java.io.InputStream")
        || type.getName().startsWith("java.io.Serializable")
        || type.getName().startsWith("java.io.Object")
        || type.getName().startsWith("java.io.ByteArray");
  }

  @ArchTest
  static final ArchRule valuesKnowNeitherSpisNorTheEngine =
      noClasses()
          .that(VALUES)
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.tradesync.*..").or(ENGINE));

  @ArchTest
  static final ArchRule spisDoNotKnowTheEngine =
      noClasses().that(SPI).should().dependOnClassesThat(INTERNAL.or(IN_MEMORY).or(ENGINE));

  @ArchTest
  static final ArchRule theLogsSpiIsAboveTheOthers =
      noClasses().that().resideInAPackage("io.tradesync.spi").should().dependOnClassesThat(LOG_SPI);

  @ArchTest
  static final ArchRule internalsDoNotKnowTheEngine =
      noClasses().that(INTERNAL).should().dependOnClassesThat(ENGINE);

  @ArchTest
  static final ArchRule noTypesDependOnEachOtherInACircle =
      SlicesRuleDefinition.slices()
          .assignedFrom(TOP_LEVEL_TYPES)
          .should()
          .beFreeOfCycles()
          .ignoreDependency(SyncEngine.class, SyncEngineBuilder.class)
          .ignoreDependency(
              equivalentTo(TradeSource.class), describe("its pages", ArchitectureTest::isPages));

  // The defaults of a source read it page by page, check the pages as the engine does, and leave
  // out what is not selected.
  private static boolean isPages(JavaClass type) {
    return Set.of("io.tradesync.spi.SourcePages", "io.tradesync.spi.SelectedTrades")
        .contains(topLevel(type).getName());
  }

  @ArchTest
  static void eachPackageThatARuleNamesHoldsTypes(JavaClasses classes) {
    List<DescribedPredicate<JavaClass>> named =
        List.of(VALUES, SPI, LOG_SPI, IN_MEMORY, METERS, INTERNAL, ENGINE);
    assertThat(named)
        .allSatisfy(types -> assertThat(classes.that(types)).as("%s", types).hasSizeGreaterThan(1));
    assertThat(classes.stream().map(ArchitectureTest::topLevel).distinct()).hasSizeGreaterThan(100);
  }

  @ArchTest
  static final ArchRule inMemoryPartsUseTheSpiAsAnybodyWould =
      noClasses()
          .that()
          .resideInAPackage("io.tradesync.inmemory..")
          .should()
          .dependOnClassesThat(INTERNAL);

  @ArchTest
  static final ArchRule nothingButTestsUsesTheInMemoryParts =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.tradesync.inmemory..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.tradesync.inmemory..");

  @ArchTest
  static final ArchRule internalConceptsHaveNoCycles =
      SlicesRuleDefinition.slices()
          .matching("io.tradesync.internal.(*)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule whatUsersSeeShowsNoInternals =
      classes()
          .that(not(INTERNAL))
          .and()
          .arePublic()
          .should(showOnly(not(INTERNAL).and(not(RESILIENCE4J))));

  private static ArchCondition<JavaClass> showOnly(DescribedPredicate<JavaClass> allowed) {
    return new ArchCondition<>("show no type of internal packages or of resilience4j") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream<String> inMethods =
            type.getCodeUnits().stream()
                .filter(unit -> isSeen(unit.getModifiers()))
                .flatMap(
                    unit -> shownBy(unit).map(shown -> unit.getFullName() + " shows " + shown));
        Stream<String> inFields =
            type.getFields().stream()
                .filter(field -> isSeen(field.getModifiers()))
                .flatMap(
                    field ->
                        field.getAllInvolvedRawTypes().stream()
                            .filter(not(allowed))
                            .map(shown -> field.getFullName() + " shows " + shown));
        Stream<String> above =
            Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
                .filter(not(allowed))
                .map(shown -> type.getName() + " extends " + shown);
        Stream.of(inMethods, inFields, above)
            .flatMap(shown -> shown)
            .forEach(shown -> events.add(SimpleConditionEvent.violated(type, shown)));
      }

      private Stream<JavaClass> shownBy(JavaCodeUnit unit) {
        return Stream.of(
                unit.getAllInvolvedRawTypes().stream(),
                unit.getThrowsClause().getTypes().stream().map(JavaType::toErasure))
            .flatMap(types -> types)
            .filter(not(allowed));
      }

      private boolean isSeen(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC)
            || modifiers.contains(JavaModifier.PROTECTED);
      }
    };
  }
}
