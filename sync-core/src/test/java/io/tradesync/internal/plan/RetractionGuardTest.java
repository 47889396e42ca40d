package io.tradesync.internal.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetractionGuardTest {

  @ParameterizedTest
  @CsvSource({
    "     0,    0, false, false",
    "     0, 1000, false, false",
    "   100,  100, false, false",
    "   101,  101, false, true",
    "   101,  504, false, true",
    "   101,  505, false, false",
    "   200, 1000, false, false",
    "   201, 1000, false, true",
    "     1, 1000, true,  true",
    "     0,    0, true,  true",
    "  5000, 5000, true,  true",
  })
  void holdsBackAboveHundredAndAboveAFifthOrWithoutAnyTrade(
      long gone, long processed, boolean sourceIsEmpty, boolean holdsBack) {
    assertThat(RetractionGuard.holdsBack(gone, processed, sourceIsEmpty)).isEqualTo(holdsBack);
  }
}
