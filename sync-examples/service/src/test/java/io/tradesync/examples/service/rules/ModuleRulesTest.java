package io.tradesync.examples.service.rules;

import static com.tngtech.archunit.base.DescribedPredicate.allElements;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.LiveConsumerBuilder;
import java.util.List;

/**
 * The dependencies that the modules may have on each other. sync-core has further rules of its own.
 * A rule fails if it applies to no class.
 */
@AnalyzeClasses(
    packages = "io.tradesync",
    importOptions = {ImportOption.DoNotIncludeTests.class, ModuleRulesTest.NoTestJars.class})
class ModuleRulesTest {

  private static final String CORE_INTERNAL = "io.tradesync.internal..";
  private static final String JDBC = "io.tradesync.jdbc..";
  private static final String JDBC_INTERNAL = "io.tradesync.jdbc.internal..";
  private static final String REDIS = "io.tradesync.redis..";
  private static final String REDIS_INTERNAL = "io.tradesync.redis.internal..";
  private static final String TESTKIT = "io.tradesync.testkit..";
  private static final String EXAMPLES = "io.tradesync.examples..";
  private static final List<String> OUR_PACKAGES =
      List.of(CORE_INTERNAL, JDBC, JDBC_INTERNAL, REDIS, REDIS_INTERNAL, TESTKIT, EXAMPLES);

  private static final DescribedPredicate<JavaClass> PLAIN =
      resideInAnyPackage("java..", "javax.sql..", "io.tradesync..")
          .and(DescribedPredicate.not(resideInAPackage("io.tradesync..internal..")))
          .or(DescribedPredicate.describe("primitive", JavaClass::isPrimitive))
          .or(DescribedPredicate.describe("array", JavaClass::isArray));

  private static final DescribedPredicate<JavaClass> PLAIN_OR_LETTUCE =
      PLAIN.or(equivalentTo(RedisURI.class)).or(equivalentTo(RedisClient.class));

  /** In a build of all modules the tests of the others are a jar. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  /** A slice for each top-level type, nested types included. sync-core has this rule of its own. */
  private record TopLevelTypes(DescribedPredicate<JavaClass> included) implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return included.test(type)
          ? SliceIdentifier.of(topLevel(type).getName())
          : SliceIdentifier.ignore();
    }

    private static JavaClass topLevel(JavaClass type) {
      return type.getEnclosingClass().map(TopLevelTypes::topLevel).orElse(type);
    }

    @Override
    public String getDescription() {
      return "top-level types that " + included.getDescription();
    }
  }

  @ArchTest
  static void eachPackageThatARuleNamesHoldsClasses(JavaClasses classes) {
    assertThat(OUR_PACKAGES)
        .allSatisfy(name -> assertThat(classes.that(resideInAPackage(name))).as(name).isNotEmpty());
  }

  @ArchTest
  static final ArchRule onlyCoreUsesTheInternalPackagesOfCore =
      noClasses()
          .that()
          .resideInAnyPackage(TESTKIT, JDBC, REDIS, EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CORE_INTERNAL);

  @ArchTest
  static final ArchRule examplesUseNoInternalPackagesOfAdapters =
      noClasses()
          .that()
          .resideInAPackage(EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(JDBC_INTERNAL, REDIS_INTERNAL);

  @ArchTest
  static final ArchRule jdbcDoesNotKnowRedis =
      noClasses()
          .that()
          .resideInAPackage(JDBC)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(REDIS, EXAMPLES, "io.lettuce..");

  @ArchTest
  static final ArchRule redisDoesNotKnowJdbc =
      noClasses()
          .that()
          .resideInAPackage(REDIS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(JDBC, EXAMPLES, "java.sql..", "javax.sql..", "org.jdbi..");

  @ArchTest
  static final ArchRule thePackagesOfTheServiceHaveNoCycles =
      slices().matching("io.tradesync.examples.service.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noTypesOfAnAdapterDependOnEachOtherInACircle =
      slices()
          .assignedFrom(new TopLevelTypes(resideInAnyPackage(JDBC, REDIS)))
          .should()
          .beFreeOfCycles()
          .ignoreDependency(LiveConsumer.class, LiveConsumerBuilder.class);

  @ArchTest
  static final ArchRule jdbcReturnsNoTypeOfJdbi =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(isPublicTypeOf("io.tradesync.jdbc"))
          .should()
          .haveRawReturnType(PLAIN);

  @ArchTest
  static final ArchRule jdbcTakesNoTypeOfJdbi =
      codeUnits()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(isPublicTypeOf("io.tradesync.jdbc"))
          .should()
          .haveRawParameterTypes(allElements(PLAIN));

  @ArchTest
  static final ArchRule redisReturnsNothingElseOfLettuce =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(isPublicTypeOf("io.tradesync.redis"))
          .should()
          .haveRawReturnType(PLAIN_OR_LETTUCE);

  @ArchTest
  static final ArchRule redisTakesNothingElseOfLettuce =
      codeUnits()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(isPublicTypeOf("io.tradesync.redis"))
          .should()
          .haveRawParameterTypes(allElements(PLAIN_OR_LETTUCE));

  private static DescribedPredicate<JavaClass> isPublicTypeOf(String packageName) {
    return resideInAPackage(packageName)
        .and(
            DescribedPredicate.describe(
                "public", type -> type.getModifiers().contains(JavaModifier.PUBLIC)));
  }
}
