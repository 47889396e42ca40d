package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The row of {@code analytics_owner}: the service of the sink's tables. */
public final class SinkOwner {

  private static final String TAKE =
      """
      insert into :"schema".analytics_owner (service) values (:service)
      on conflict do nothing\
      """;

  private static final String LOCK =
      """
      select service from :"schema".analytics_owner for update\
      """;

  private final String schema;
  private final SqlNames names;

  public SinkOwner(String schema) {
    this.schema = schema;
    this.names = SqlNames.inSchema(schema, Map.of());
  }

  /**
   * Makes a service the owner of the tables, or checks that it is. Starts of several processes wait
   * for each other here.
   *
   * @throws InvalidSettingException if another service owns the tables
   */
  public void take(Handle handle, String service) {
    handle.createUpdate(names.fill(TAKE)).bind("service", service).execute();
    String owner = handle.createQuery(names.fill(LOCK)).mapTo(String.class).one();
    if (!owner.equals(service)) {
      String table = Identifiers.quote(schema, "analytics_owner");
      throw new InvalidSettingException(
          "service",
          service,
          "must be " + owner + ", to which " + table + " and its trades belong");
    }
  }
}
