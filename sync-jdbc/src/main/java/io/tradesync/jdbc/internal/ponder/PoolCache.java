package io.tradesync.jdbc.internal.ponder;

import io.tradesync.Trade;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads pools from Ponder's table of pools, apart from the trades, and remembers each answer for a
 * while, also that a pool is absent. Thread-safe: two threads that miss the same pool both read it.
 */
public final class PoolCache {

  // A number of decimals beyond uint8 is none.
  private static final String POOLS =
      """
      select chain_id::bigint, order_book::text, coin::text,
        case when base_decimals between 0 and 255 then base_decimals::integer end,
        case when quote_decimals between 0 and 255 then quote_decimals::integer end
      from :"schema".:"pools"
      where chain_id = any(cast(:chains as bigint[]))
        and lower(order_book collate "C") = any(cast(:books as text[]))
      order by id\
      """;

  /**
   * The address of an order book on a chain, in lower case. One address can exist on two chains.
   * Only ASCII letters are folded, because Java and PostgreSQL fold others differently.
   */
  record Address(long chainId, String orderBook) {
    public Address {
      orderBook = folded(orderBook);
    }

    private static String folded(String text) {
      char[] characters = text.toCharArray();
      for (int i = 0; i < characters.length; i++) {
        if (characters[i] >= 'A' && characters[i] <= 'Z') {
          characters[i] = Character.toLowerCase(characters[i]);
        }
      }
      return new String(characters);
    }
  }

  record Pool(
      @Nullable String symbol, @Nullable Integer baseDecimals, @Nullable Integer quoteDecimals) {
    static final Pool UNKNOWN = new Pool(null, null, null);
  }

  private record Entry(Pool pool, long readAt) {}

  private record Row(Address address, Pool pool) {}

  // Whoever writes to a stream can name any number of pools, and of any length.
  private static final int MAX_REMEMBERED = 50_000;
  private static final int MAX_ADDRESS = 1_000;
  private static final Duration MAX_LIFETIME = Duration.ofNanos(Long.MAX_VALUE);
  private static final Logger LOG = LoggerFactory.getLogger(PoolCache.class);

  private final SourceDatabase database;
  private final String table;
  private final String pools;
  private final long lifetimeNanos;
  private final LongSupplier nanoTime;
  private final Map<Address, Entry> entries = new ConcurrentHashMap<>();
  private volatile boolean present;
  private volatile boolean warned;

  /**
   * Creates an empty cache.
   *
   * @param lifetime how long an answer is remembered
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  public PoolCache(
      SourceDatabase database,
      String schema,
      String table,
      Duration lifetime,
      LongSupplier nanoTime) {
    this.database = database;
    this.table = Identifiers.quote(schema, table);
    this.pools = new SqlNames(Map.of("schema", schema, "pools", table), Map.of()).fill(POOLS);
    this.lifetimeNanos = lifetime.compareTo(MAX_LIFETIME) < 0 ? lifetime.toNanos() : Long.MAX_VALUE;
    this.nanoTime = nanoTime;
  }

  /** Reads no pool, so that an unreadable table is reported at the start. */
  public void prepare() {
    read(List.of());
  }

  /** Adds to each trade what its pool tells. */
  public List<Trade> addTo(List<Trade> trades) {
    List<Address> addresses = trades.stream().map(PoolCache::address).toList();
    Map<Address, Pool> found = find(addresses);
    List<Trade> known = new ArrayList<>(trades.size());
    for (int i = 0; i < trades.size(); i++) {
      Pool pool = found.getOrDefault(addresses.get(i), Pool.UNKNOWN);
      known.add(trades.get(i).withPool(pool.symbol(), pool.baseDecimals(), pool.quoteDecimals()));
    }
    return known;
  }

  private static Address address(Trade trade) {
    return new Address(trade.chainId(), trade.poolId());
  }

  /** Finds a pool for each address. Reads with one statement all that are not remembered. */
  Map<Address, Pool> find(Collection<Address> addresses) {
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
        remember(address, new Entry(pool, now));
        found.put(address, pool);
      }
    }
    return found;
  }

  private void remember(Address address, Entry entry) {
    if (entries.size() >= MAX_REMEMBERED) {
      entries.clear();
    }
    if (address.orderBook.length() <= MAX_ADDRESS) {
      entries.put(address, entry);
    }
  }

  /** How many answers are remembered. */
  int remembered() {
    return entries.size();
  }

  // A table that disappears comes back, because Ponder is being deployed. Meanwhile the read fails:
  // trades written without their symbol would keep none.
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
        LOG.warn(
            "No symbols and no scaled volumes: the pools in {} cannot be read: {}",
            table,
            SqlFailures.reason(e));
      }
      return Map.of();
    }
  }

  private List<Row> query(Collection<Address> addresses) {
    return database.read(
        handle -> {
          Query query = handle.createQuery(pools);
          SqlArrays.bind(query, "chains", "bigint", addresses, Address::chainId);
          return SqlArrays.bind(query, "books", "text", addresses, Address::orderBook)
              .map((row, context) -> row(row))
              .list();
        });
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        new Address(row.getLong(1), row.getString(2)),
        new Pool(
            row.getString(3), row.getObject(4, Integer.class), row.getObject(5, Integer.class)));
  }
}
