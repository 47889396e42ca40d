package io.tradesync.examples.service;

import static com.tngtech.archunit.base.DescribedPredicate.allElements;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;

/** What the modules may know of each other; sync-core's own rules are tested there. */
@AnalyzeClasses(packages = "io.tradesync", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRulesTest {

  private static final String CORE_INTERNAL = "io.tradesync.internal..";
  private static final String JDBC = "io.tradesync.jdbc..";
  private static final String REDIS = "io.tradesync.redis..";
  private static final String EXAMPLES = "io.tradesync.examples..";

  private static final DescribedPredicate<JavaClass> PLAIN =
      resideInAnyPackage("java..", "javax.sql..", "io.tradesync..")
          .and(DescribedPredicate.not(resideInAnyPackage("io.tradesync..internal..")))
          .or(DescribedPredicate.describe("primitive", JavaClass::isPrimitive))
          .or(DescribedPredicate.describe("array", JavaClass::isArray));

  private static final DescribedPredicate<JavaClass> PLAIN_OR_LETTUCE =
      PLAIN.or(equivalentTo(RedisURI.class)).or(equivalentTo(RedisClient.class));

  @ArchTest
  static final ArchRule nobodyElseUsesWhatIsInternalToCore =
      noClasses()
          .that()
          .resideInAnyPackage(JDBC, REDIS, EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CORE_INTERNAL);

  @ArchTest
  static final ArchRule examplesUseNoInternalsOfAdapters =
      noClasses()
          .that()
          .resideInAPackage(EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.tradesync.jdbc.internal..", "io.tradesync.redis.internal..");

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
  static final ArchRule jdbcShowsNoTypeOfJdbi =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(resideInAPackage(JDBC).and(isPublic()))
          .should()
          .haveRawReturnType(PLAIN);

  @ArchTest
  static final ArchRule jdbcTakesNoTypeOfJdbi =
      codeUnits()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(resideInAPackage(JDBC).and(isPublic()))
          .should()
          .haveRawParameterTypes(allElements(PLAIN));

  @ArchTest
  static final ArchRule redisShowsLittleOfLettuce =
      methods()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(resideInAPackage(REDIS).and(isPublic()))
          .and()
          // What tests start servers with.
          .areDeclaredInClassesThat(resideOutsideOfPackage("..fixture.."))
          .should()
          .haveRawReturnType(PLAIN_OR_LETTUCE);

  @ArchTest
  static final ArchRule redisTakesLittleOfLettuce =
      codeUnits()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat(resideInAPackage(REDIS).and(isPublic()))
          .should()
          .haveRawParameterTypes(allElements(PLAIN_OR_LETTUCE));

  private static DescribedPredicate<JavaClass> isPublic() {
    return DescribedPredicate.describe(
        "public", type -> type.getModifiers().contains(JavaModifier.PUBLIC));
  }
}
