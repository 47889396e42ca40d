package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whose the sink's tables are, and which candles they hold. */
public final class SinkOwner {

  private final String table;

  public SinkOwner(String schema) {
    this.table = Identifiers.quote(schema, "analytics_owner");
  }

  /**
   * Makes the tables a service's, or finds that they are.
   *
   * @return the lengths of candle that were not kept before, in seconds; empty for new tables
   * @throws InvalidSettingException if they are another service's
   */
  public List<Integer> take(Connection connection, String service, List<Integer> bucketSeconds)
      throws SQLException {
    String sql =
        """
        with before as (select service, bucket_seconds from %1$s for update),
        taken as (
          insert into %1$s as o (service, bucket_seconds) values (?, ?)
          on conflict (single) do update set bucket_seconds = excluded.bucket_seconds
          where o.service = excluded.service)
        select service, bucket_seconds from before"""
            .formatted(table);
    try (SqlArrays arrays = new SqlArrays(connection);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, service);
      statement.setArray(2, arrays.of("integer", bucketSeconds, seconds -> seconds));
      try (ResultSet before = statement.executeQuery()) {
        if (!before.next()) {
          return List.of();
        }
        if (!before.getString(1).equals(service)) {
          throw new InvalidSettingException(
              "service",
              service,
              "must be " + before.getString(1) + ", to which " + table + " and its trades belong");
        }
        List<Integer> added = new ArrayList<>(bucketSeconds);
        Array kept = before.getArray(2);
        added.removeAll(List.of((Integer[]) kept.getArray()));
        return added;
      }
    }
  }
}
