package io.tradesync.jdbc.internal.ponder;

import io.tradesync.SideUnavailableException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.Finality;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads from Ponder's own tables up to which second its trades are final. Thread-safe.
 *
 * <p>{@code _ponder_checkpoint} holds one finalized checkpoint a chain: 75 digits, of which the
 * first ten are the time of the finalized block. {@code _ponder_meta} tells whether Ponder is
 * ready. While it is not, as in a crash recovery, the checkpoints can be out of date.
 */
public final class FinalizedCheckpoint {

  // Asked first, so that the server does not log a refusal.
  private static final String MAY_READ =
      """
      select coalesce(bool_and(has_table_privilege(to_regclass(name), 'select')), false)
      from unnest(cast(:tables as text[])) as t (name)""";

  private static final String FINALIZED_BLOCK =
      """
      select min(left(finalized_checkpoint, 10)::bigint)
      from :"schema"._ponder_checkpoint
      where (select (value ->> 'is_ready')::int from :"schema"._ponder_meta where key = 'app') = 1""";

  private final SourceDatabase database;
  private final List<String> tables;
  private final String finalizedBlock;

  public FinalizedCheckpoint(SourceDatabase database, String schema) {
    this.database = database;
    this.tables =
        List.of(
            Identifiers.quote(schema, "_ponder_checkpoint"),
            Identifiers.quote(schema, "_ponder_meta"));
    this.finalizedBlock = SqlNames.inSchema(schema, Map.of()).fill(FINALIZED_BLOCK);
  }

  /**
   * Reads which trades are final on every chain: none while Ponder is not ready. Returns empty if
   * Ponder's tables are absent or may not be read.
   */
  public Optional<Finality> finality() {
    try {
      return mayRead() ? Optional.of(read()) : Optional.empty();
    } catch (SideUnavailableException e) {
      if (SourceDatabase.isMissing(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean mayRead() {
    return database.read(
        handle ->
            SqlArrays.bind(handle.createQuery(MAY_READ), "tables", "text", tables, name -> name)
                .mapTo(Boolean.class)
                .one());
  }

  // Blocks can share a second, so only the seconds before the finalized block's are final.
  private Finality read() {
    return database.read(
        handle ->
            handle
                .createQuery(finalizedBlock)
                .map((row, context) -> Optional.ofNullable(row.getObject(1, Long.class)))
                .one()
                .map(second -> Finality.through(second - 1))
                .orElse(Finality.none()));
  }
}
