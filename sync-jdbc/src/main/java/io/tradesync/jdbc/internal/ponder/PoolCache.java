package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Ponder's table of pools says, read apart from the trades and remembered for a while; also
 * that it says nothing. Thread-safe: two threads that miss the same pool both ask for it.
 */
public final class PoolCache {

  /**
   * An order book, whatever the case of its hexadecimal digits; one address can exist on two
   * chains. Only ASCII letters are folded: of others Java and the server think differently.
   */
  public record Address(long chainId, String orderBook) {
    public Address {
      orderBook =
          orderBook
              .codePoints()
              .map(c -> c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c)
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
    }
  }

  public record Pool(
      @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
    public static final Pool UNKNOWN = new Pool(null, null, null);
  }

  private record Entry(Pool pool, long readAt) {}

  private record Row(Address address, Pool pool) {}

  private static final Duration LONGEST_LIFETIME = Duration.ofNanos(Long.MAX_VALUE);
  private static final Logger log = LoggerFactory.getLogger(PonderTradeSource.class);

  private final SourceDatabase database;
  private final String table;
  private final long lifetimeNanos;
  private final LongSupplier nanoTime;
  private final Map<Address, Entry> entries = new ConcurrentHashMap<>();
  private volatile boolean present;
  private volatile boolean warned;

  /**
   * Makes an empty cache.
   *
   * @param database the source
   * @param table the table of pools, as SQL writes it
   * @param lifetime how long an answer is remembered
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  public PoolCache(
      SourceDatabase database, String table, Duration lifetime, LongSupplier nanoTime) {
    this.database = database;
    this.table = table;
    this.lifetimeNanos =
        lifetime.compareTo(LONGEST_LIFETIME) < 0 ? lifetime.toNanos() : Long.MAX_VALUE;
    this.nanoTime = nanoTime;
  }

  /** Asks whether the table is there, and warns if it is not. */
  public void prepare() {
    read(List.of());
  }

  /**
   * Finds pools, with one statement for all that are not remembered.
   *
   * @param addresses the pools
   * @return each of them
   */
  public Map<Address, Pool> find(Collection<Address> addresses) {
    long now = nanoTime.getAsLong();
    Map<Address, Pool> found = new HashMap<>();
    Set<Address> unknown = new HashSet<>();
    for (Address address : addresses) {
      Entry entry = entries.get(address);
      if (entry != null && now - entry.readAt < lifetimeNanos) {
        found.put(address, entry.pool);
      } else {
        unknown.add(address);
      }
    }
    if (!unknown.isEmpty()) {
      Map<Address, Pool> read = read(unknown);
      for (Address address : unknown) {
        Pool pool = read.getOrDefault(address, Pool.UNKNOWN);
        entries.put(address, new Entry(pool, now));
        found.put(address, pool);
      }
    }
    return found;
  }

  // A table that was there and is gone comes back: Ponder is being deployed. Trades written without
  // their symbol in between would keep none.
  private Map<Address, Pool> read(Collection<Address> addresses) {
    try {
      Map<Address, Pool> pools = new HashMap<>();
      query(addresses).forEach(row -> pools.putIfAbsent(row.address, row.pool));
      present = true;
      return pools;
    } catch (RuntimeException e) {
      if (present || !SourceDatabase.isMissing(e)) {
        throw e;
      }
      if (!warned) {
        warned = true;
        log.warn(
            "No symbols and no scaled volumes: the pools in {} cannot be read: {}",
            table,
            SqlFailures.reason(e));
      }
      return Map.of();
    }
  }

  // Beyond uint8 a number of decimals is none.
  private List<Row> query(Collection<Address> addresses) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select chain_id::bigint, order_book::text, coin::text,"
                        + " case when base_decimals between 0 and 255"
                        + " then base_decimals::integer end,"
                        + " case when quote_decimals between 0 and 255"
                        + " then quote_decimals::integer end from "
                        + table
                        + " where chain_id = any(cast(:chains as bigint[]))"
                        + " and lower(order_book collate \"C\") = any(cast(:books as text[]))"
                        + " order by id")
                .bindArray("chains", Long.class, addresses.stream().map(Address::chainId).toList())
                .bindArray(
                    "books", String.class, addresses.stream().map(Address::orderBook).toList())
                .map((row, context) -> row(row))
                .list());
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        new Address(row.getLong(1), row.getString(2)),
        new Pool(
            row.getString(3), row.getObject(4, Integer.class), row.getObject(5, Integer.class)));
  }
}
