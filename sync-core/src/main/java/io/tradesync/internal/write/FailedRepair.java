package io.tradesync.internal.write;

import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.TradeFailure;

/** A repair that cannot be made and is to be marked in the log. */
record FailedRepair(Repair repair, String reason, FailureKind kind) {

  /**
   * Returns what the log records.
   *
   * @param onlySomeFailed whether other trades of the batch did not fail: then a failure of unknown
   *     kind is held against the trade's content
   */
  TradeFailure toMark(boolean onlySomeFailed) {
    boolean ofData = kind == FailureKind.DATA || (kind == FailureKind.UNKNOWN && onlySomeFailed);
    long fingerprint =
        repair instanceof Repair.Write write
            ? write.trade().fingerprint()
            : TradeFailure.RETRACTION;
    return new TradeFailure(repair.key(), fingerprint, reason, ofData);
  }
}
