package io.tradesync.jdbc.internal.ponder;

import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.Finality;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
      from unnest(cast(:tables as text[])) as t (name)\
      """;

  private static final String CHECKPOINTS =
      """
      select finalized_checkpoint::text,
        (select value::jsonb ->> 'is_ready' from :"schema"._ponder_meta where key = 'app')
      from :"schema"._ponder_checkpoint\
      """;

  private static final Logger LOG = LoggerFactory.getLogger(FinalizedCheckpoint.class);

  private static final Pattern CHECKPOINT = Pattern.compile("[0-9]{75}");
  private static final int SECOND_DIGITS = 10;
  private static final Set<String> READY = Set.of("1", "true");
  private static final Set<String> NOT_READY = Set.of("0", "false");

  private record Checkpoint(@Nullable String finalized, @Nullable String isReady) {}

  private final SourceDatabase database;
  private final List<String> tables;
  private final String checkpoints;
  private final AtomicBoolean warned = new AtomicBoolean();

  public FinalizedCheckpoint(SourceDatabase database, String schema) {
    this.database = database;
    this.tables =
        List.of(
            Identifiers.asRegclass(schema, "_ponder_checkpoint"),
            Identifiers.asRegclass(schema, "_ponder_meta"));
    this.checkpoints = SqlNames.inSchema(schema, Map.of()).fill(CHECKPOINTS);
  }

  /**
   * Reads which trades are final on every chain: none while Ponder is not ready. Returns empty, so
   * that the age of the trades decides, if Ponder's tables are absent or may not be read. Also
   * returns empty, and logs one warning, if they do not contain what Ponder writes.
   */
  public Optional<Finality> finality() {
    try {
      return mayRead() ? finality(read()) : Optional.empty();
    } catch (SideUnavailableException e) {
      if (SourceDatabase.isMissing(e)) {
        return unusable(SqlFailures.reason(e));
      }
      throw e;
    } catch (TradesyncException e) {
      return unusable(SqlFailures.reason(e));
    }
  }

  private boolean mayRead() {
    return database.read(
        handle ->
            SqlArrays.bind(handle.createQuery(MAY_READ), "tables", "text", tables, name -> name)
                .mapTo(Boolean.class)
                .one());
  }

  private List<Checkpoint> read() {
    return database.read(
        handle ->
            handle
                .createQuery(checkpoints)
                .map((row, context) -> new Checkpoint(row.getString(1), row.getString(2)))
                .list());
  }

  // Blocks can share a second, so only the seconds before the finalized block's are final.
  private Optional<Finality> finality(List<Checkpoint> chains) {
    long second = Long.MAX_VALUE;
    for (Checkpoint chain : chains) {
      String isReady = String.valueOf(chain.isReady());
      if (NOT_READY.contains(isReady)) {
        return Optional.of(Finality.none());
      }
      if (!READY.contains(isReady)) {
        return unusable("is_ready is " + isReady);
      }
      String finalized = String.valueOf(chain.finalized());
      if (!CHECKPOINT.matcher(finalized).matches()) {
        return unusable("finalized_checkpoint is no number of 75 digits");
      }
      second = Math.min(second, Long.parseLong(finalized.substring(0, SECOND_DIGITS)) - 1);
    }
    return Optional.of(chains.isEmpty() ? Finality.none() : Finality.through(second));
  }

  private Optional<Finality> unusable(String reason) {
    if (warned.compareAndSet(false, true)) {
      LOG.warn(
          "Trades are final by their age: {} and {} cannot be used: {}",
          tables.get(0),
          tables.get(1),
          reason);
    }
    return Optional.empty();
  }
}
