package io.tradesync.redis;

import io.tradesync.InvalidSettingException;
import io.tradesync.redis.internal.format.HintFields;
import io.tradesync.redis.internal.format.TradeFields;
import java.util.List;
import java.util.Map;

/**
 * Decodes stream entries. Users whose streams have their own format implement it; a lambda is
 * enough.
 *
 * <p><b>Contract.</b> Each consumer calls its decoder from one thread; in a cluster, from one
 * thread for each stream. A decoder refuses an entry that makes no sense with a {@link
 * MalformedEntryException}; any other exception counts as one. A refused entry is acknowledged, so
 * it never holds up the entries behind it. An entry may be decoded several times, so decoding must
 * have no side effect.
 */
@FunctionalInterface
public interface EntryDecoder {

  /**
   * Decodes an entry.
   *
   * @param stream the stream's key
   * @param entryId the entry's id in the stream
   * @param body the entry's fields; if a field occurs more than once, its last value
   * @throws MalformedEntryException if the entry makes no sense; names the field and the value
   */
  Decoded decode(String stream, String entryId, Map<String, String> body);

  /**
   * Decodes whole trades, as {@link TradePublisher} writes them: fields named like the columns of
   * order_book_trades. {@code id}, {@code chain_id}, {@code timestamp} (seconds since 1970) and
   * {@code pool_id} must be present. {@code price}, {@code quantity} (plain decimal numbers, exact
   * at any size), {@code transaction_id} and {@code side} are null if they are absent. Other fields
   * are ignored. The decoder is thread-safe.
   *
   * @param extraColumns columns of the user's own that become attributes of the trade, in the order
   *     in which the source names them; null if they are absent
   * @throws InvalidSettingException if an extra column has the name of a column that every trade
   *     has, or is named twice
   */
  static EntryDecoder trades(String... extraColumns) {
    List<String> columns = TradeFields.checkExtraColumns(List.of(extraColumns));
    return (stream, entryId, body) -> new Decoded.Whole(TradeFields.read(body, columns));
  }

  /**
   * Decodes hints, as order-book indexers publish them beside the database: {@code timestamp}
   * (seconds since 1970) and {@code tradeId}, which is the hash of the trade's transaction and not
   * the id of its row. Both must be present. Other fields are ignored, because the trade is read
   * from the source. The decoder is thread-safe.
   */
  static EntryDecoder hints() {
    return (stream, entryId, body) -> new Decoded.Hinted(HintFields.read(body));
  }
}
