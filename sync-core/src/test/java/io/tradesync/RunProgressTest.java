package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunProgressTest {

  @ParameterizedTest
  @CsvSource({
    "1, 40, 50, 2000, Batch 1/40: Processed 50/2000 trades (2.5%)",
    "2, 40, 100, 2000, Batch 2/40: Processed 100/2000 trades (5%)",
    "40, 40, 2000, 2000, Batch 40/40: Processed 2000/2000 trades (100%)",
    "1, 1, 0, 50, Batch 1/1: Processed 0/50 trades (0%)",
    "1, 3, 1, 3, Batch 1/3: Processed 1/3 trades (33.3%)",
    "2, 3, 2, 3, Batch 2/3: Processed 2/3 trades (66.6%)",
    "9, 9, 1999, 2000, Batch 9/9: Processed 1999/2000 trades (99.9%)",
    "9, 9, 999999999, 1000000000, Batch 9/9: Processed 999999999/1000000000 trades (99.9%)",
    "1, 9, 1, 1000000, Batch 1/9: Processed 1/1000000 trades (0%)",
    "1, 2, 10, 10, Batch 1/2: Processed 10/10 trades (100%)",
    "1, 1, 0, 0, Batch 1/1: Processed 0/0 trades (100%)"
  })
  void sharesAreRoundedDownToOneDecimal(
      long batch, long batches, long processed, long total, String words) {
    assertThat(new RunProgress("r", batch, batches, processed, 0, total).message())
        .isEqualTo(words);
  }

  @Test
  void theWordsDoNotDependOnTheMachinesLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertThat(new RunProgress("r", 1, 40, 50, 0, 2000).message())
          .isEqualTo("Batch 1/40: Processed 50/2000 trades (2.5%)");
    } finally {
      Locale.setDefault(before);
    }
  }
}
