package io.tradesync.jdbc.internal.sink;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.HashSql;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Computes digests of the rows of {@code analytics_trades}. The hash of a row is that of {@link
 * io.tradesync.Fingerprint}. Raises no error for any value that a row can hold.
 */
final class TradeDigests {

  private static final String NUMBER =
      """
      case
            when t.%1$s is null then int2send(-1::int2)
            when scale(t.%1$s) = 0 then numeric_send(t.%1$s)
            else numeric_send(trim_scale(t.%1$s))
          end\
      """;

  // Numbers that no trade can have are not multiplied, since their product may be too large.
  private static final String IS_SOUND =
      """
      {is_timely}
            and case
              when t.price is null or t.quantity is null then t.volume is null
              when abs(t.price) < cast('1e1000' as numeric)
                and abs(t.quantity) < cast('1e1000' as numeric)
                then t.volume = t.price * t.quantity
              else false
            end
            and {has_attributes}\
      """;

  private static final String HAS_NO_ATTRIBUTES = "(t.attributes is null or t.attributes = '{}')";

  private static final String HAS_ATTRIBUTES =
      """
      case jsonb_typeof(t.attributes)
              when 'object' then jsonb_exists_all(t.attributes, cast(:names as text[]))
                and t.attributes - cast(:names as text[]) = '{}'
              else false
            end\
      """;

  private static final String DIGESTS =
      """
      select h.bucket, count(*), {sums}, count(*) filter (where h.sound is not true)
      from (
        select {bucket} as bucket, {hash} as hash, {is_sound} as sound
        from :"schema".analytics_trades as t
        where {in_range}
        offset 0) as h
      group by h.bucket\
      """;

  private static final String READ =
      """
      select h.second, h.trade_id, {number}, h.sound is true
      from (
        select s.second, t.trade_id, {hash} as hash, {is_sound} as sound
        from :"schema".analytics_trades as t
        cross join lateral (select {second}) as s (second)
        where {in_range} and (s.second, t.trade_id) > (:afterSecond, :afterId)
        order by s.second, t.trade_id
        limit :limit) as h
      order by h.second, h.trade_id\
      """;

  private static final String FIRST =
      """
      select {second}
      from :"schema".analytics_trades as t
      where {in_range}
      order by t.ts, t.trade_id
      limit 1\
      """;

  private static final String FIND =
      """
      select h.second, h.trade_id, {number}, h.sound is true
      from (
        select t.trade_timestamp as second, t.trade_id, {hash} as hash, {is_sound} as sound
        from unnest(cast(:seconds as bigint[]), cast(:ids as text[])) as k (second, id)
        cross join lateral (
          select *
          from :"schema".analytics_trades
          where ts = to_timestamp(k.second) and trade_id = k.id
            and ts between to_timestamp(:firstSecond) and to_timestamp(:lastSecond)
          limit 1) as t
        where t.trade_timestamp = k.second
        offset 0) as h\
      """;

  private static final String REMOVE_UNADDRESSABLE =
      """
      delete from :"schema".analytics_trades as t
      where {in_range}
        and (date_part('epoch', t.ts) <> t.trade_timestamp
          or abs(t.trade_timestamp) > :maxSecond
          or octet_length(t.trade_id) not between 1 and :maxIdBytes)\
      """;

  private final List<String> attributeNames;
  private final String digests;
  private final String read;
  private final String first;
  private final String find;
  private final String removeUnaddressable;

  TradeDigests(String schema, List<String> attributeNames) {
    this.attributeNames = attributeNames;
    String isSound =
        IS_SOUND
            .replace("{is_timely}", StoredTime.isTimely())
            .replace(
                "{has_attributes}", attributeNames.isEmpty() ? HAS_NO_ATTRIBUTES : HAS_ATTRIBUTES);
    SqlNames names =
        SqlNames.inSchema(
            schema,
            Map.of(
                "hash", "sha256(" + canonicalForm(attributeNames.size()) + ")",
                "is_sound", isSound,
                "bucket", StoredTime.bucketOfRow(":width"),
                "second", StoredTime.second("t.ts"),
                "in_range", StoredTime.inRange("t.ts"),
                "sums", HashSql.sums("h.hash"),
                "number", HashSql.number("h.hash")));
    this.digests = names.fill(DIGESTS);
    this.read = names.fill(READ);
    this.first = names.fill(FIRST);
    this.find = names.fill(FIND);
    this.removeUnaddressable = names.fill(REMOVE_UNADDRESSABLE);
  }

  /** The form of {@link io.tradesync.Fingerprint#canonicalForm}, of type bytea. */
  private static String canonicalForm(int attributes) {
    List<String> texts =
        Stream.concat(
                Stream.of("t.trade_id", "t.transaction_id", "t.side", "t.pool_id"),
                IntStream.rangeClosed(1, attributes)
                    .mapToObj(i -> "(t.attributes ->> (cast(:names as text[]))[" + i + "])"))
            .toList();
    return Stream.of(
            Stream.of("int8send(t.trade_timestamp)", "int8send(t.chain_id)"),
            Stream.of(NUMBER.formatted("price"), NUMBER.formatted("quantity")),
            HashSql.integers(
                texts.stream().map("coalesce(octet_length(%s), -1)"::formatted).toList()),
            Stream.of(
                texts.stream()
                    .map("coalesce(%s, '')"::formatted)
                    .collect(Collectors.joining(" || ", "textsend(", ")"))))
        .flatMap(parts -> parts)
        .collect(Collectors.joining(" || "));
  }

  OptionalLong firstSecond(Handle handle, KeyRange range) {
    return StoredTime.isOutside(range)
        ? OptionalLong.empty()
        : StoredTime.bind(handle.createQuery(first), range).mapTo(Long.class).stream()
            .mapToLong(second -> second)
            .findFirst();
  }

  List<HeldDigest> digests(Handle handle, KeyRange range, long bucketSeconds) {
    return StoredTime.isOutside(range)
        ? List.of()
        : query(handle, digests, range)
            .bind("width", bucketSeconds)
            .map(
                (row, context) ->
                    new HeldDigest(
                        row.getLong(1), row.getLong(2), HashSql.sum(row, 3), row.getLong(6)))
            .list();
  }

  List<HeldTrade> read(Handle handle, KeyRange range, TradeKey after, int limit) {
    return StoredTime.isOutside(range)
        ? List.of()
        : query(handle, read, range)
            .bind("afterSecond", after.epochSecond())
            .bind("afterId", after.id())
            .bind("limit", limit)
            .map((row, context) -> trade(row))
            .list();
  }

  List<HeldTrade> find(Handle handle, List<TradeKey> keys) {
    List<TradeKey> storable = keys.stream().filter(TradeKey::isStorable).sorted().toList();
    if (storable.isEmpty()) {
      return List.of();
    }
    Query query =
        withNames(PlanWithValues.of(handle.createQuery(find)))
            .bind("firstSecond", storable.get(0).epochSecond())
            .bind("lastSecond", storable.get(storable.size() - 1).epochSecond());
    SqlArrays.bind(query, "seconds", "bigint", storable, TradeKey::epochSecond);
    return SqlArrays.bind(query, "ids", "text", storable, TradeKey::id)
        .map((row, context) -> trade(row))
        .list();
  }

  private static HeldTrade trade(ResultSet row) throws SQLException {
    TradeKey key = new TradeKey(row.getLong(1), row.getString(2));
    return new HeldTrade(key, row.getLong(3), row.getBoolean(4));
  }

  /** Removes the rows of a range that stand at another second than they say, or at no key. */
  void removeUnaddressable(Handle handle, KeyRange range) {
    StoredTime.bind(handle.createUpdate(removeUnaddressable), range)
        .bind("maxSecond", TradeKey.MAX_EPOCH_SECOND)
        .bind("maxIdBytes", TradeKey.MAX_ID_BYTES)
        .execute();
  }

  private Query query(Handle handle, String statement, KeyRange range) {
    return withNames(StoredTime.bind(handle.createQuery(statement), range));
  }

  private Query withNames(Query query) {
    return attributeNames.isEmpty()
        ? query
        : SqlArrays.bind(query, "names", "text", attributeNames, name -> name);
  }
}
