package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The row of {@code analytics_owner}: the service of the sink's tables, and their candles. */
public final class SinkOwner {

  private static final String TAKE =
      """
      with before as (
        select service, bucket_seconds from :"schema".analytics_owner for update),
      taken as (
        insert into :"schema".analytics_owner as o (service, bucket_seconds)
        values (:service, cast(:lengths as integer[]))
        on conflict (single) do update set bucket_seconds = excluded.bucket_seconds
        where o.service = excluded.service)
      select service, bucket_seconds from before""";

  private record Owner(String service, List<Integer> bucketSeconds) {}

  private final String schema;

  public SinkOwner(String schema) {
    this.schema = schema;
  }

  /**
   * Makes a service the owner of the tables, or checks that it is.
   *
   * @return the lengths of candle that were not kept before, in seconds; empty for new tables
   * @throws InvalidSettingException if another service owns the tables
   */
  public List<Integer> take(Handle handle, String service, List<Integer> bucketSeconds) {
    Optional<Owner> before =
        SqlArrays.bind(
                handle.createQuery(SqlNames.inSchema(schema, Map.of()).fill(TAKE)),
                "lengths",
                "integer",
                bucketSeconds,
                seconds -> seconds)
            .bind("service", service)
            .map(
                (row, context) ->
                    new Owner(row.getString(1), List.of((Integer[]) row.getArray(2).getArray())))
            .findOne();
    if (before.isEmpty()) {
      return List.of();
    }
    String owner = before.get().service();
    if (!owner.equals(service)) {
      String table = Identifiers.quote(schema, "analytics_owner");
      throw new InvalidSettingException(
          "service",
          service,
          "must be " + owner + ", to which " + table + " and its trades belong");
    }
    List<Integer> added = new ArrayList<>(bucketSeconds);
    added.removeAll(before.get().bucketSeconds());
    return added;
  }
}
