package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Identifies a candle: a pool of a chain, and a span of time.
 *
 * @param seconds the length
 * @param startEpochSecond the first second; a multiple of the length
 */
record CandleKey(long chainId, String poolId, int seconds, long startEpochSecond)
    implements Comparable<CandleKey> {

  /** The keys of {@link #bind} as rows, for a {@code from} clause: the fragment {@code keys}. */
  static final String KEYS =
      """
      (select chain_id, pool_id, bucket_seconds, to_timestamp(start_second) as bucket_start
        from unnest(
          cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
          cast(:starts as bigint[])) as u (chain_id, pool_id, bucket_seconds, start_second))\
      """;

  /**
   * The row of the candle {@code k}, for a {@code from} clause: one search a key, by the primary
   * key. A join with the table can read all of it, if it was small when PostgreSQL planned it.
   */
  static final String HELD =
      """
      (select ctid as row_id
        from :"schema".trade_candles as h
        where h.chain_id = k.chain_id and h.pool_id = k.pool_id
          and h.bucket_seconds = k.bucket_seconds and h.bucket_start = k.bucket_start
        limit 1) as held\
      """;

  private static final Comparator<CandleKey> ORDER =
      Comparator.comparingLong(CandleKey::chainId)
          .thenComparing(
              key -> key.poolId.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned)
          .thenComparingInt(CandleKey::seconds)
          .thenComparingLong(CandleKey::startEpochSecond);

  static CandleKey at(long chainId, String poolId, int seconds, long epochSecond) {
    return new CandleKey(chainId, poolId, seconds, Math.floorDiv(epochSecond, seconds) * seconds);
  }

  static <S extends SqlStatement<S>> S bind(S statement, Collection<CandleKey> keys) {
    SqlArrays.bind(statement, "chainIds", "bigint", keys, CandleKey::chainId);
    SqlArrays.bind(statement, "poolIds", "text", keys, CandleKey::poolId);
    SqlArrays.bind(statement, "lengths", "integer", keys, CandleKey::seconds);
    return SqlArrays.bind(statement, "starts", "bigint", keys, CandleKey::startEpochSecond);
  }

  /** The candle of a multiple of this length that this candle is a part of. */
  CandleKey longer(int multiple) {
    return at(chainId, poolId, multiple, startEpochSecond);
  }

  /** The order in which candles are locked: that of the table's primary key. */
  @Override
  public int compareTo(CandleKey other) {
    return ORDER.compare(this, other);
  }
}
