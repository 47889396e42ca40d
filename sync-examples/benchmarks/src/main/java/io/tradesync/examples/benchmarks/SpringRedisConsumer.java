package io.tradesync.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.stream.Consumer;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.RecordId;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.stream.StreamMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer.StreamMessageListenerContainerOptions;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A stream consumer of Spring Data Redis as a careful user would write it: the listener container
 * reads many entries at once, the listener gathers them, writes them with their candles and log in
 * one transaction of JDBC batches, and acknowledges them after the commit.
 *
 * <p>The container reads new entries only. After a kill nobody delivers those again that were read
 * and not acknowledged: they are lost, unless the user writes a loop that claims them, and tells
 * those that were committed from those that were not.
 */
final class SpringRedisConsumer implements AutoCloseable {

  private static final String GROUP = "spring";

  private record Item(RecordId entry, Map<String, String> fields) {
    String text(String name) {
      return Objects.requireNonNull(fields.get(name), name);
    }

    BigDecimal number(String name) {
      return new BigDecimal(text(name));
    }

    long second() {
      return Long.parseLong(text("timestamp"));
    }
  }

  private final String stream;
  private final int batch;
  private final HikariDataSource store;
  private final LettuceConnectionFactory redis;
  private final StringRedisTemplate commands;
  private final JdbcTemplate jdbc;
  private final TransactionTemplate transactions;
  private final StreamMessageListenerContainer<String, MapRecord<String, String, String>> container;
  private final ExecutorService reader = Executors.newSingleThreadExecutor();
  private final AtomicLong written = new AtomicLong();
  private final List<Item> gathered = new ArrayList<>();
  private volatile boolean isKilled;

  /** Creates the tables, which must not exist, and the group, which starts at the first entry. */
  SpringRedisConsumer(Arena arena, String stream, int batch) throws SQLException {
    this.stream = stream;
    this.batch = batch;
    this.store = new HikariDataSource();
    store.setJdbcUrl(arena.storeUrl() + "&reWriteBatchedInserts=true");
    try (Connection tables = store.getConnection()) {
      PlainTables.create(tables);
    }
    RedisURI uri = RedisURI.create(arena.redisUrl());
    RedisStandaloneConfiguration address =
        new RedisStandaloneConfiguration(uri.getHost(), uri.getPort());
    char[] password = uri.getCredentialsProvider().resolveCredentials().block().getPassword();
    if (password != null) {
      address.setPassword(password);
    }
    this.redis = new LettuceConnectionFactory(address);
    redis.afterPropertiesSet();
    redis.start();
    this.commands = new StringRedisTemplate(redis);
    commands.opsForStream().createGroup(stream, ReadOffset.from("0"), GROUP);
    this.jdbc = new JdbcTemplate(store);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(store));
    this.container =
        StreamMessageListenerContainer.create(
            redis,
            StreamMessageListenerContainerOptions.builder()
                .batchSize(batch)
                .pollTimeout(Duration.ofMillis(100))
                .executor(reader)
                // A failure shows in the count of what was written.
                .errorHandler(failure -> {})
                .build());
  }

  /** Starts to consume. */
  void start() {
    container.receive(
        Consumer.from(GROUP, "one"),
        StreamOffset.create(stream, ReadOffset.lastConsumed()),
        this::gather);
    container.start();
  }

  /** How many entries were written and acknowledged. */
  long written() {
    return written.get();
  }

  /** Ends as a killed process does: what was read and not written is never written. */
  void kill() {
    isKilled = true;
    stop();
  }

  private void stop() {
    container.stop();
    reader.shutdown();
    try {
      if (!reader.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the container does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many entries were read, and belong to a consumer that is gone. */
  long pending() {
    return commands.opsForStream().pending(stream, GROUP).getTotalPendingMessages();
  }

  private void gather(MapRecord<String, String, String> entry) {
    if (isKilled) {
      return;
    }
    gathered.add(new Item(entry.getId(), entry.getValue()));
    // The number of entries is a multiple of the batch; a real one would also need a timer.
    if (gathered.size() >= batch) {
      List<Item> items = List.copyOf(gathered);
      gathered.clear();
      transactions.executeWithoutResult(
          status -> {
            write(items);
            if (isKilled) {
              throw new IllegalStateException("killed before the commit");
            }
          });
      commands
          .opsForStream()
          .acknowledge(stream, GROUP, items.stream().map(Item::entry).toArray(RecordId[]::new));
      written.addAndGet(items.size());
    }
  }

  private void write(List<Item> items) {
    jdbc.batchUpdate(
        "INSERT INTO analytics_trades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        items.stream().map(SpringRedisConsumer::trade).toList());
    PlainCandles candles = new PlainCandles();
    for (Item item : items) {
      candles.add(
          Long.parseLong(item.text("chain_id")),
          item.text("pool_id"),
          item.second(),
          item.number("price"),
          item.number("quantity"));
    }
    jdbc.batchUpdate(PlainTables.ADD_TO_CANDLE, candles.rows());
    jdbc.batchUpdate(
        "INSERT INTO sync_log VALUES (?, ?, 'processed')",
        items.stream().map(item -> new Object[] {item.fields.get("id"), item.second()}).toList());
  }

  private static Object[] trade(Item item) {
    Map<String, String> fields = item.fields;
    BigDecimal price = item.number("price");
    BigDecimal quantity = item.number("quantity");
    return new Object[] {
      fields.get("id"),
      item.second(),
      Long.parseLong(fields.get("chain_id")),
      fields.get("pool_id"),
      fields.get("side"),
      price,
      quantity,
      price.multiply(quantity),
      fields.get("transaction_id")
    };
  }

  /** Stops, and removes the group. */
  @Override
  public void close() {
    stop();
    commands.opsForStream().destroyGroup(stream, GROUP);
    redis.destroy();
    store.close();
  }
}
