package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.ScopeRecord;
import java.util.List;
import java.util.Optional;

/**
 * Records in the service's row of {@code sync_scope} which attributes its trades have. Thread-safe.
 */
record AttributeNames(StoreDatabase database, LogSql sql) {

  private static final String KEEP =
      """
      update :"schema".sync_scope as s
      set attribute_names =
        case
          when s.attribute_names is null or not (%s) then cast(:names as text[])
          else s.attribute_names
        end
      where s.service = :service
      returning s.attribute_names\
      """
          .formatted(ScopeSelection.HAS_ENTRIES);

  /** See {@link ScopeRecord#keepAttributeNames}. */
  void keep(List<String> wanted) {
    Optional<List<String>> recorded =
        database.read(
            handle ->
                SqlArrays.bind(sql.query(handle, KEEP), "names", "text", wanted, name -> name)
                    .map((row, context) -> List.of((String[]) row.getArray(1).getArray()))
                    .findOne());
    if (recorded.isPresent() && !recorded.get().equals(wanted)) {
      throw ScopeRecord.refused(recorded.get(), wanted);
    }
  }
}
