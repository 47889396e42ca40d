package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTables;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.UnreadableRow;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGPoolingDataSource;

/** PostgreSQL computes the same fingerprints as Java. */
class FingerprintSqlTest {

  private static final long T = 1_754_400_000L;
  private static final KeyRange ALL = KeyRange.all();
  private static final KeyRange HOUR = KeyRange.seconds(T, T + 3_600);
  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

  private static PonderTables tables;

  @BeforeAll
  static void create() {
    tables = new PonderTables();
  }

  @AfterAll
  static void drop() {
    tables.close();
  }

  @BeforeEach
  void empty() {
    tables.create("bigint", "");
  }

  private static PonderTradeSource prepared(String... extraColumns) {
    PonderTradeSource source =
        PonderTradeSource.builder(tables.database.dataSource()).extraColumns(extraColumns).build();
    source.prepare();
    return source;
  }

  private static void insert(String values) {
    tables.execute("insert into order_book_trades values " + values);
  }

  /** Asserts that the keys and digests of an hour are those that Java computes of the trades. */
  private static void assertSameFingerprints(PonderTradeSource source, List<Trade> trades) {
    SourceDigest digest =
        new SourceDigest(0, trades.size(), trades.stream().mapToLong(Trade::fingerprint).sum());
    assertThat(source.keys(List.of(ALL), trades.size() + 1).rows())
        .isEqualTo(trades.stream().map(KeyFingerprint::of).toList());
    assertThat(source.digests(HOUR, 3_600)).containsExactly(digest);
    assertThat(source.digests(List.of(HOUR))).containsExactly(digest);
  }

  @Test
  void theFormIsTheSameByteForByte() {
    tables.execute(
        "alter table order_book_trades alter price type numeric, alter quantity type numeric");
    List<Trade> trades = new ArrayList<>();
    String[] numbers = {
      "0",
      "0.000",
      "1",
      "1.0",
      "1.00",
      "-1",
      "9999",
      "10000",
      "-10000",
      "99999999",
      "100000000.50",
      "12345.000012",
      "0.3",
      "0.0001",
      "0.00010",
      "0.00001",
      "-0.00012",
      "1e-20",
      "1e40",
      "1e70",
      "-1e-1000",
      "1e999",
      LARGEST.toString(),
      LARGEST.negate().toString(),
      LARGEST + ".000"
    };
    for (String number : numbers) {
      trades.add(edge(trades.size()).price(new BigDecimal(number)).build());
      trades.add(edge(trades.size()).quantity(new BigDecimal(number)).build());
    }
    for (String text :
        new String[] {null, "", " ", "a", "é", "€", "𝄞", "\ufffd", "\\xff", "a".repeat(70_000)}) {
      trades.add(edge(trades.size()).transactionId(text).build());
      trades.add(edge(trades.size()).side(text).build());
      trades.add(edge(trades.size()).transactionId(text).side(text).build());
    }
    trades.add(Trade.builder("𝄞", T + trades.size(), Integer.MAX_VALUE, "").build());
    trades.add(Trade.builder("'", T + trades.size(), Integer.MIN_VALUE, "'\"\\").build());
    tables.put(trades);

    PonderTable table = PonderTableTest.withDefaultNames();
    String select =
        "select encode("
            + FingerprintSql.canonicalForm(List.of())
            + ", 'hex') from :\"schema\".:\"table\" t order by t.\"timestamp\"";
    List<String> forms =
        tables.jdbi.withHandle(
            handle ->
                handle
                    .createQuery(table.sqlNames().fill(select))
                    .bind("relation", table.relation())
                    .bind("priceColumn", "price")
                    .bind("quantityColumn", "quantity")
                    .mapTo(String.class)
                    .list());

    assertThat(forms)
        .isEqualTo(
            trades.stream().map(trade -> HexFormat.of().formatHex(trade.canonicalForm())).toList());
    assertSameFingerprints(prepared(), trades);
  }

  private static Trade.Builder edge(int number) {
    return Trade.builder("edge " + number, T + number, 1, "pool");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomRows(long seed) {
    tables.execute("drop table order_book_trades");
    tables.execute(
        """
        create table order_book_trades (
          id varchar, "timestamp" bigint, chain_id bigint, price numeric, quantity numeric,
          transaction_id text, side char(4), pool_id text,
          fee numeric(10, 4), "Maker ü" text, at timestamptz, raw bytea, ratio float8, took interval)
        """);
    Random random = new Random(seed);
    tables.jdbi.useHandle(
        handle -> {
          PreparedBatch batch =
              handle.prepareBatch(
                  """
                  insert into order_book_trades values (?, ?, ?, cast(? as numeric),
                    cast(? as numeric), ?, ?, ?, cast(? as numeric), ?, to_timestamp(?),
                    decode(?, 'hex'), ?, make_interval(secs => ?))\
                  """);
          for (int i = 0; i < 300; i++) {
            int at = 0;
            batch.bind(at++, text(random) + i).bind(at++, T + random.nextInt(100));
            batch.bind(at++, random.nextLong());
            batch.bind(at++, number(random)).bind(at++, number(random));
            batch.bind(at++, orNull(random, text(random)));
            batch.bind(at++, orNull(random, List.of("Buy", "Sell", "").get(random.nextInt(3))));
            batch.bind(at++, text(random));
            batch.bind(at++, orNull(random, random.nextInt(1_000_000) + ".50"));
            batch.bind(at++, orNull(random, text(random)));
            batch.bind(at++, T + random.nextInt()).bind(at++, orNull(random, "00ff"));
            batch.bind(at++, random.nextGaussian()).bind(at, random.nextInt(1_000_000)).add();
          }
          batch.execute();
        });
    // The settings of the user's connection must have no effect.
    String settings =
        "?options=-c%20TimeZone=Asia/Tokyo%20-c%20DateStyle=German%20-c%20bytea_output=escape"
            + "%20-c%20extra_float_digits=-3%20-c%20IntervalStyle=sql_standard";
    PGPoolingDataSource other = new PGPoolingDataSource();
    other.setDataSourceName("settings" + seed);
    other.setUrl(tables.database.url() + settings);
    other.setUser(tables.database.user());
    other.setPassword(tables.database.password());
    String[] extra = {"fee", "Maker ü", "at", "raw", "ratio", "took"};

    PonderTradeSource source = prepared(extra);
    List<Trade> trades = source.page(ALL, 1_000).rows();
    List<KeyFingerprint> keys = source.keys(List.of(ALL), 1_000).rows();

    assertThat(trades).hasSize(300);
    assertThat(trades).allSatisfy(t -> assertThat(t.attributes()).containsOnlyKeys(extra));
    assertThat(keys).isEqualTo(trades.stream().map(KeyFingerprint::of).toList());
    assertThat(source.digests(KeyRange.seconds(T, T + 100), 100))
        .containsExactly(
            new SourceDigest(0, 300, trades.stream().mapToLong(Trade::fingerprint).sum()));
    try {
      PonderTradeSource elsewhere = PonderTradeSource.builder(other).extraColumns(extra).build();
      assertThat(elsewhere.page(ALL, 1_000).rows()).isEqualTo(trades);
      assertThat(elsewhere.keys(List.of(ALL), 1_000).rows()).isEqualTo(keys);
    } finally {
      other.close();
    }
  }

  private static <T> T orNull(Random random, T value) {
    return random.nextInt(4) == 0 ? null : value;
  }

  private static String text(Random random) {
    List<String> parts =
        List.of("a", "ü", "€", "𝄞", "\ufffd", ":", ",", "'", "\"", "\\", "\n", " ");
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(parts.get(random.nextInt(parts.size())));
    }
    return text.toString();
  }

  private static String number(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> null;
      case 1 -> "0.000";
      case 2 -> LARGEST.toString();
      case 3 -> new BigInteger(256, random) + ".0";
      case 4 -> random.nextInt(-9, 10) + "e" + random.nextInt(-60, 60);
      default ->
          new BigDecimal(new BigInteger(random.nextInt(256), random), random.nextInt(-40, 90))
              .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1))
              .toString();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "smallint | 10000",
        "integer | -2147483648",
        "bigint | 9223372036854775807",
        "numeric | 12.3400",
        "numeric(78, 0) | 1000000000000000000",
        "numeric(20, 4) | 10000",
        "amount | 0.5"
      })
  void aNumberMayBeOfAnyExactType(String type, BigDecimal value) {
    tables.execute("create domain amount as numeric(30, 10)");
    tables.execute(
        "alter table order_book_trades alter price type %1$s, alter quantity type %1$s"
            .formatted(type));
    insert("('a', 1, " + value + ", null, " + T + ", null, null, 'p')");
    insert("('b', 1, 0, " + value + ", " + T + ", null, null, 'p')");

    assertSameFingerprints(
        prepared(),
        List.of(
            Trade.builder("a", T, 1, "p").price(value).build(),
            Trade.builder("b", T, 1, "p").price(BigDecimal.ZERO).quantity(value).build()));
  }

  @Test
  void aTableWithAnotherScaleKeepsItsFingerprints() {
    PonderTradeSource source = prepared();
    insert("('a', 1, 10000, 5, " + T + ", null, null, 'p')");
    List<Trade> trades = source.page(ALL, 10).rows();
    assertSameFingerprints(source, trades);

    tables.execute(
        "alter table order_book_trades alter price type numeric(78, 2), alter quantity type"
            + " numeric");

    assertSameFingerprints(source, trades);
  }

  @Test
  void thereMayBeMoreColumnsThanAFunctionTakesArguments() {
    String[] extra = IntStream.range(0, 300).mapToObj(i -> "extra " + i).toArray(String[]::new);
    tables.create(
        "bigint",
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        ", \"extra %d\" %s default %d",
                        i,
                        i % 2 == 0 ? "text" : "int",
                        i))
            .collect(Collectors.joining()));
    insert("('a', 1, 1, 1, " + T + ", null, null, 'p')");
    tables.execute("update order_book_trades set \"extra 7\" = null, \"extra 8\" = ''");

    PonderTradeSource source = prepared(extra);
    List<Trade> trades = source.page(ALL, 10).rows();

    assertThat(trades.get(0).attributes())
        .hasSize(300)
        .containsEntry("extra 7", null)
        .containsEntry("extra 8", "")
        .containsEntry("extra 299", "299");
    assertSameFingerprints(source, trades);
  }

  @Test
  void anUnreadableRowBreaksNoDigest() {
    tables.execute(
        """
        alter table order_book_trades alter price type numeric, alter chain_id drop not null,
          alter pool_id drop not null\
        """);
    insert(
        String.format(
            Locale.ROOT,
            """
            ('a', 1, 'NaN', 1, %1$d, null, null, 'p'), ('b', null, 1, 1, %1$d, null, null, 'p'),
            ('c', 1, 1, 1, %1$d, null, null, null), ('d', 1, 1, 1, %1$d, null, null, '')\
            """,
            T));
    PonderTradeSource source = prepared();

    SourcePage<KeyFingerprint> keys = source.keys(List.of(ALL), 10);

    assertThat(keys.rows()).extracting(row -> row.key().id()).containsExactly("d");
    assertThat(keys.unreadable()).extracting(row -> row.key().id()).containsExactly("a", "b", "c");
    assertThat(keys.unreadable())
        .extracting(UnreadableRow::rowHash)
        .doesNotContain(0L)
        .doesNotHaveDuplicates();
    assertThat(source.page(ALL, 10).unreadable()).isEqualTo(keys.unreadable());
    assertThat(source.byIds(List.of("c", "b", "a", "d")).unreadable()).isEqualTo(keys.unreadable());
    long hashes =
        keys.rows().get(0).fingerprint()
            + keys.unreadable().stream().mapToLong(UnreadableRow::rowHash).sum();
    assertThat(source.digests(HOUR, 3_600)).containsExactly(new SourceDigest(0, 4, hashes, 3));
    assertThat(source.digests(List.of(HOUR))).containsExactly(new SourceDigest(0, 4, hashes, 3));
    tables.execute("delete from order_book_trades where id <> 'b'");
    assertThat(source.digests(HOUR, 3_600)).extracting(SourceDigest::count).containsExactly(1L);
  }

  @Test
  void theEncodingOfTheClientHasNoEffect() throws SQLException {
    insert("('é', 1, 1, 1, " + T + ", null, '€', 'p')");
    List<Trade> trades = prepared().page(ALL, 10).rows();
    PGPoolingDataSource latin = new PGPoolingDataSource();
    latin.setDataSourceName("latin");
    latin.setUrl(tables.database.jdbcUrl() + "&allowEncodingChanges=true");
    latin.setMaxConnections(1);
    try {
      try (Connection connection = latin.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("set client_encoding to 'LATIN1'");
      }
      PonderTradeSource source = PonderTradeSource.builder(latin).build();

      assertThat(source.page(ALL, 10).rows()).isEqualTo(trades);
      assertSameFingerprints(source, trades);
    } finally {
      latin.close();
    }
  }
}
