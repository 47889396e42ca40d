package io.tradesync.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.log.LogEntries;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntriesWithoutHandOutsTest {

  /** A default method that is not passed on reads all of the log, page by page. */
  @Test
  void passesEveryQuestionOnButThoseOfHandOuts() {
    List<String> kept = List.of("handOuts", "lastHandOut");

    assertThat(LogEntries.class.getMethods())
        .filteredOn(method -> !Modifier.isStatic(method.getModifiers()))
        .allSatisfy(
            asked ->
                assertThat(isPassedOn(asked))
                    .as(asked.getName())
                    .isEqualTo(!kept.contains(asked.getName())));
  }

  private static boolean isPassedOn(Method asked) {
    return Arrays.stream(EntriesWithoutHandOuts.class.getDeclaredMethods())
        .anyMatch(
            method ->
                method.getName().equals(asked.getName())
                    && Arrays.equals(method.getParameterTypes(), asked.getParameterTypes()));
  }
}
