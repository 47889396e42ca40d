package io.tradesync.examples.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.Job;
import org.springframework.batch.core.JobExecution;
import org.springframework.batch.core.JobParameters;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.support.TaskExecutorJobLauncher;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.support.JobRepositoryFactoryBean;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.item.Chunk;
import org.springframework.batch.item.ItemStreamReader;
import org.springframework.batch.item.ItemWriter;
import org.springframework.batch.item.database.ItemPreparedStatementSetter;
import org.springframework.batch.item.database.JdbcBatchItemWriter;
import org.springframework.batch.item.database.JdbcCursorItemReader;
import org.springframework.batch.item.database.JdbcPagingItemReader;
import org.springframework.batch.item.database.Order;
import org.springframework.batch.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.item.database.builder.JdbcCursorItemReaderBuilder;
import org.springframework.batch.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.batch.item.support.CompositeItemWriter;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A fault-tolerant Spring Batch job that does the same work: a reader by (timestamp, id), a
 * processor that computes the volume, and writers of trades, candles and log, which share the
 * chunk's transaction. Its job repository is in the store.
 *
 * <p>The writers are as good as a careful user would write them: JDBC batches, and candles that are
 * merged over the chunk before they are written.
 */
final class SpringBatchContestant implements Contestant {

  enum Reader {
    CURSOR,
    PAGING
  }

  /** A trade as the job handles it; the processor computes the volume. */
  private record Item(
      String id,
      long second,
      long chainId,
      String poolId,
      String side,
      BigDecimal price,
      BigDecimal quantity,
      BigDecimal volume,
      String transactionId) {

    static Item read(ResultSet row, int number) throws SQLException {
      return new Item(
          row.getString("id"),
          row.getLong("timestamp"),
          row.getLong("chain_id"),
          row.getString("pool_id"),
          row.getString("side"),
          row.getBigDecimal("price"),
          row.getBigDecimal("quantity"),
          BigDecimal.ZERO,
          row.getString("transaction_id"));
    }

    Item withVolume() {
      return new Item(
          id,
          second,
          chainId,
          poolId,
          side,
          price,
          quantity,
          price.multiply(quantity),
          transactionId);
    }
  }

  private static final String COLUMNS =
      "id, timestamp, chain_id, pool_id, side, price, quantity, transaction_id";

  private final Reader reader;
  private final int chunk;
  private final boolean rewritten;

  /**
   * @param reader which of Spring's readers
   * @param chunk how many trades a transaction
   * @param rewritten whether the driver rewrites a batch of inserts as one statement
   */
  SpringBatchContestant(Reader reader, int chunk, boolean rewritten) {
    this.reader = reader;
    this.chunk = chunk;
    this.rewritten = rewritten;
  }

  /** The variants that one would try, in the order in which they take turns. */
  static List<Contestant> variants() {
    return List.of(
        new SpringBatchContestant(Reader.CURSOR, 50, false),
        new SpringBatchContestant(Reader.CURSOR, 1_000, false),
        new SpringBatchContestant(Reader.CURSOR, 1_000, true),
        new SpringBatchContestant(Reader.PAGING, 50, false),
        new SpringBatchContestant(Reader.PAGING, 1_000, false));
  }

  @Override
  public String name() {
    return "Spring Batch, %s%s, chunk %d"
        .formatted(
            reader == Reader.CURSOR ? "cursor" : "paging",
            rewritten ? ", rewritten inserts" : "",
            chunk);
  }

  /**
   * The condition of a page, {@code timestamp > ? OR timestamp = ? AND id > ?}, cannot be followed
   * by an index: each page reads all rows before it again.
   */
  @Override
  public boolean isSlow() {
    return reader == Reader.PAGING;
  }

  @Override
  public Attempt prepare(Arena arena, Backlog backlog) throws Exception {
    HikariDataSource store = store(arena);
    try (Connection connection = store.getConnection()) {
      PlainTables.create(connection);
    }
    new ResourceDatabasePopulator(
            new ClassPathResource("org/springframework/batch/core/schema-postgresql.sql"))
        .execute(store);
    JdbcTransactionManager transactions = new JdbcTransactionManager(store);
    JobRepository repository = repository(store, transactions);
    Job job =
        new JobBuilder("sync", repository)
            .start(step(repository, transactions, reader(arena.source(), backlog), store))
            .build();
    TaskExecutorJobLauncher launcher = new TaskExecutorJobLauncher();
    launcher.setJobRepository(repository);
    launcher.afterPropertiesSet();
    return new Attempt() {
      @Override
      public void run() throws Exception {
        JobExecution execution = launcher.run(job, new JobParameters());
        if (execution.getStatus() != BatchStatus.COMPLETED) {
          throw new IllegalStateException(execution.toString());
        }
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }

  private HikariDataSource store(Arena arena) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(arena.store().getJdbcUrl() + "&reWriteBatchedInserts=" + rewritten);
    return new HikariDataSource(config);
  }

  private static JobRepository repository(DataSource store, JdbcTransactionManager transactions)
      throws Exception {
    JobRepositoryFactoryBean factory = new JobRepositoryFactoryBean();
    factory.setDataSource(store);
    factory.setTransactionManager(transactions);
    factory.setDatabaseType("POSTGRES");
    factory.afterPropertiesSet();
    return factory.getObject();
  }

  private ItemStreamReader<Item> reader(DataSource source, Backlog backlog) throws Exception {
    String table = backlog.schema() + ".order_book_trades";
    if (reader == Reader.CURSOR) {
      JdbcCursorItemReader<Item> cursor =
          new JdbcCursorItemReaderBuilder<Item>()
              .name("trades")
              .dataSource(source)
              .sql(
                  "SELECT %s FROM %s ORDER BY timestamp, id COLLATE \"C\""
                      .formatted(COLUMNS, table))
              .rowMapper(Item::read)
              // Otherwise the driver would read the whole backlog into memory.
              .connectionAutoCommit(false)
              .fetchSize(1_000)
              .build();
      cursor.afterPropertiesSet();
      return cursor;
    }
    Map<String, Order> order = new LinkedHashMap<>();
    order.put("timestamp", Order.ASCENDING);
    order.put("id", Order.ASCENDING);
    JdbcPagingItemReader<Item> paging =
        new JdbcPagingItemReaderBuilder<Item>()
            .name("trades")
            .dataSource(source)
            .selectClause(COLUMNS)
            .fromClause(table)
            .sortKeys(order)
            .rowMapper(Item::read)
            .pageSize(chunk)
            .build();
    paging.afterPropertiesSet();
    return paging;
  }

  private Step step(
      JobRepository repository,
      JdbcTransactionManager transactions,
      ItemStreamReader<Item> trades,
      DataSource store) {
    CompositeItemWriter<Item> writer = new CompositeItemWriter<>();
    writer.setDelegates(
        List.of(
            batches(
                store,
                "INSERT INTO analytics_trades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                SpringBatchContestant::trade),
            new CandleWriter(new JdbcTemplate(store)),
            batches(
                store,
                "INSERT INTO sync_log VALUES (?, ?, 'processed')",
                SpringBatchContestant::log)));
    return new StepBuilder("trades", repository)
        .<Item, Item>chunk(chunk, transactions)
        .reader(trades)
        .processor(Item::withVolume)
        .writer(writer)
        .faultTolerant()
        .retry(TransientDataAccessException.class)
        .retryLimit(3)
        .skip(Exception.class)
        .skipLimit(Integer.MAX_VALUE)
        .build();
  }

  private static JdbcBatchItemWriter<Item> batches(
      DataSource store, String sql, ItemPreparedStatementSetter<Item> setter) {
    JdbcBatchItemWriter<Item> writer =
        new JdbcBatchItemWriterBuilder<Item>()
            .dataSource(store)
            .sql(sql)
            .itemPreparedStatementSetter(setter)
            // A rewritten batch does not report the rows of each insert.
            .assertUpdates(false)
            .build();
    writer.afterPropertiesSet();
    return writer;
  }

  private static void trade(Item item, PreparedStatement insert) throws SQLException {
    insert.setString(1, item.id);
    insert.setLong(2, item.second);
    insert.setLong(3, item.chainId);
    insert.setString(4, item.poolId);
    insert.setString(5, item.side);
    insert.setBigDecimal(6, item.price);
    insert.setBigDecimal(7, item.quantity);
    insert.setBigDecimal(8, item.volume);
    insert.setString(9, item.transactionId);
  }

  private static void log(Item item, PreparedStatement insert) throws SQLException {
    insert.setString(1, item.id);
    insert.setLong(2, item.second);
  }

  /** Adds a chunk's trades, which come in the order of their keys, to their candles. */
  private record CandleWriter(JdbcTemplate store) implements ItemWriter<Item> {

    @Override
    public void write(Chunk<? extends Item> items) {
      PlainCandles candles = new PlainCandles();
      for (Item item : items) {
        candles.add(item.chainId, item.poolId, item.second, item.price, item.quantity);
      }
      store.batchUpdate(PlainTables.ADD_TO_CANDLE, candles.rows());
    }
  }
}
