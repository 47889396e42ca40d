package io.tradesync.spi.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubRangesTest {

  @ParameterizedTest
  @CsvSource({"0, 0", "299, 0", "300, 300", "-1, -300", "-300, -300", "-301, -600"})
  void aSubRangeStartsAtAMultipleOf300(long second, long start) {
    assertThat(SubRanges.start(second)).isEqualTo(start);
  }

  @Test
  void theFirstSecondOfAllStartsASubRangeThatDoesNotOverflow() {
    assertThat(SubRanges.start(Long.MIN_VALUE)).isNegative();
  }

  @Test
  void neighboursAreJoined() {
    assertThat(SubRanges.join(new TreeSet<>(List.of(-300L, 0L, 300L, 900L))))
        .containsExactly(KeyRange.seconds(-300, 600), KeyRange.seconds(900, 1_200));
  }
}
