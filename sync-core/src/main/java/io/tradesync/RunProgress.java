package io.tradesync;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How far a run is.
 *
 * @param runId the run
 * @param batch how many batches are finished
 * @param batches how many batches there are in all
 * @param processed trades processed so far; failed ones are not counted
 * @param errors trades that failed so far
 * @param total trades to process
 */
public record RunProgress(
    String runId, long batch, long batches, long processed, long errors, long total) {

  /**
   * The progress in words: {@code Batch 1/40: Processed 50/2000 trades (2.5%)}. The percentage is
   * rounded down to one decimal, which is left out if it is 0.
   */
  public String message() {
    return String.format(
        Locale.ROOT,
        "Batch %d/%d: Processed %d/%d trades (%s%%)",
        batch,
        batches,
        processed,
        total,
        percent());
  }

  private String percent() {
    if (total == 0) {
      return "100";
    }
    BigDecimal exact =
        BigDecimal.valueOf(processed * 100)
            .divide(BigDecimal.valueOf(total), 1, RoundingMode.DOWN)
            .stripTrailingZeros();
    return exact.toPlainString();
  }
}
