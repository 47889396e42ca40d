package io.tradesync.examples.service.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.examples.service.settings.StartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabasesTest {

  @Test
  void aDatabaseThatCannotBeReachedIsNamed() {
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(
            () -> Databases.open("NAME", "jdbc:postgresql://127.0.0.1:1/db?password=hunter2", 1))
        .withMessageStartingWith("NAME cannot be used (Connection to 127.0.0.1:1 refused")
        .withMessageEndingWith("it is jdbc:postgresql://127.0.0.1:1/db");
  }

  /** The driver reads a part of each of these passwords as host, port or database. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://127.0.0.1:1/db&user=me&password=hunter2",
        "jdbc:postgresql://127.0.0.1:1/db;user=me;password=hunter2",
        "jdbc:postgresql://hun:1/ter2@127.0.0.1/db",
        "jdbc:postgresql://hun:1/ter2?x@127.0.0.1/db",
        "jdbc:postgresql://me:hunter2@127.0.0.1:1/db",
        "jdbc:postgresql://hun:1/?ter2@127.0.0.1/db",
        "jdbc:postgresql://127.0.0.1:1/db#password=hunter2",
        "jdbc:postgresql:hunter2",
        "me:hunter2@127.0.0.1:1/db",
      })
  void aUrlThatIsNotCertainIsNeverShown(String url) {
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> Databases.open("NAME", url, 1))
        .withMessageStartingWith("NAME cannot be used: ")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hun", "ter2"));
  }
}
