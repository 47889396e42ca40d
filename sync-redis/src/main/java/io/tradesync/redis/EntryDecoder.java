package io.tradesync.redis;

import io.tradesync.InvalidSettingException;
import io.tradesync.redis.internal.format.HintFields;
import io.tradesync.redis.internal.format.TradeFields;
import java.util.List;
import java.util.Map;

/**
 * Says what a stream entry means. Implemented by users whose streams have a format of their own; a
 * lambda is enough.
 *
 * <p><b>Contract.</b> Called by one thread of each consumer that it was given to. An entry that
 * makes no sense is refused with a {@link MalformedEntryException}; any other exception counts as
 * one. Either way the entry is acknowledged and never holds up those behind it. An entry can be
 * decoded several times, so decoding has no effect of its own.
 */
@FunctionalInterface
public interface EntryDecoder {

  /**
   * Decodes an entry.
   *
   * @param stream the stream's key
   * @param entryId the entry's id in the stream
   * @param body the entry's fields; of a field that occurs more than once, the last value
   * @return what the entry means
   * @throws MalformedEntryException if it makes no sense; names the field and the value
   */
  Decoded decode(String stream, String entryId, Map<String, String> body);

  /**
   * Whole trades, as {@link TradePublisher} writes them: fields named like the columns of
   * order_book_trades. {@code id}, {@code chain_id}, {@code timestamp} (seconds since 1970) and
   * {@code pool_id} must be there; {@code price}, {@code quantity} (plain decimal numbers, exact at
   * any size), {@code transaction_id} and {@code side} are null where they are absent. EntryFields
   * of other names are left aside.
   *
   * @param extraColumns columns of one's own that become the trade's attributes, in the order that
   *     the source names them in; null where they are absent
   * @return the decoder; thread-safe
   * @throws InvalidSettingException if an extra column is named like a column that every trade has,
   *     or named twice
   */
  static EntryDecoder trades(String... extraColumns) {
    List<String> columns = TradeFields.checkExtraColumns(List.of(extraColumns));
    return (stream, entryId, body) -> new Decoded.Whole(TradeFields.read(body, columns));
  }

  /**
   * Hints, as order-book indexers publish them beside the database: {@code timestamp} (seconds
   * since 1970) and {@code tradeId}, which is the hash of the trade's transaction and not the id of
   * its row. Both must be there; other fields are left aside, since the trade is read from the
   * source.
   *
   * @return the decoder; thread-safe
   */
  static EntryDecoder hints() {
    return (stream, entryId, body) -> new Decoded.Hinted(HintFields.read(body));
  }
}
