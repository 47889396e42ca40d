package io.tradesync.spi;

import io.tradesync.Fingerprint;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a {@link TransactionalSink} holds, computed where the data is, so that an audit can prove it
 * against the log. The sink reads only, and only through the transaction that it is given: all
 * calls of one transaction see what was committed at one moment.
 *
 * <p>The sink tells what its tables really hold, whoever wrote it. A row that no engine wrote, such
 * as one with a number that no trade can have, must not make it throw. Used by many threads at
 * once, each with a transaction of its own.
 *
 * <p>Every range is one of whole seconds: both bounds have an empty id.
 *
 * @param <T> the type of the log's transactions
 */
public interface SinkDigests<T> {

  /**
   * Returns the first second of a range at which there is something to compare: a row, or the
   * beginning of an aggregate that the sink holds, or of one that follows from a row. Empty if
   * there is nothing.
   *
   * @param transaction the log's transaction
   * @throws Exception if it cannot be read
   */
  OptionalLong firstSecond(KeyRange range, T transaction) throws Exception;

  /**
   * Computes digests of the rows of a range.
   *
   * @param bucketSeconds the width of a bucket, which begins at a multiple of it since 1970
   * @param transaction the log's transaction
   * @return the buckets that hold a row, in any order
   * @throws Exception if it cannot be read
   */
  List<HeldDigest> digests(KeyRange range, long bucketSeconds, T transaction) throws Exception;

  /**
   * Reads the first rows of a range.
   *
   * @param after the key after which to begin, within the range
   * @param limit the maximum number of rows; at least 1
   * @param transaction the log's transaction
   * @return the rows in key order; each with the {@link Fingerprint} of its content
   * @throws Exception if it cannot be read
   */
  List<HeldTrade> trades(KeyRange range, TradeKey after, int limit, T transaction) throws Exception;

  /**
   * Reads the rows at some keys.
   *
   * @param transaction a transaction of the log that holds the entries of these keys locked
   * @return the rows that the sink holds, in any order
   * @throws Exception if they cannot be read
   */
  List<HeldTrade> trades(List<TradeKey> keys, T transaction) throws Exception;

  /**
   * Prepares the repair of a range in which an audit found something to differ: removes rows that
   * no key can address, and puts all aggregates that overlap the range off to be recomputed from
   * rows, see {@link TransactionalSink#completeDeferred}. The rows that differ are then written,
   * replaced and retracted as ever.
   *
   * @param transaction the log's transaction
   * @throws Exception if it cannot be done; the transaction is then rolled back
   */
  void prepareRepair(KeyRange range, T transaction) throws Exception;

  /**
   * Compares aggregates, such as candles, with the rows that the sink holds. By default there are
   * none.
   *
   * @param range the seconds at which the compared aggregates begin
   * @param bucketSeconds the width of a bucket, which begins at a multiple of it since 1970
   * @param transaction the log's transaction
   * @throws Exception if it cannot be read
   */
  default AggregateFindings aggregates(KeyRange range, long bucketSeconds, T transaction)
      throws Exception {
    return AggregateFindings.NONE;
  }
}
