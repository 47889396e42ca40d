package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScopeTest {

  @Test
  void scopesAreValues() {
    assertThat(Scope.all()).isEqualTo(Scope.all());
    assertThat(Scope.since(Instant.EPOCH)).isEqualTo(new Scope.Since(Instant.EPOCH));
    assertThat(Scope.last(Duration.ZERO)).isEqualTo(new Scope.Last(Duration.ZERO));
  }

  @Test
  void anAgeBelowZeroIsRefused() {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> Scope.last(Duration.ofSeconds(-1)))
        .withMessage("scope must not reach into the future, but is: PT-1S");
  }

  @Test
  void aBaselineIsNeeded() {
    assertThatNullPointerException().isThrownBy(() -> Scope.since(null)).withMessage("baseline");
    assertThatNullPointerException().isThrownBy(() -> Scope.last(null));
  }
}
