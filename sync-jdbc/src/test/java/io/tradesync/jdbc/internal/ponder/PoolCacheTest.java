package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.jdbc.PonderTables;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PoolCacheTest {

  private final PonderTables tables = new PonderTables();

  @BeforeEach
  void create() {
    tables.create("integer", "");
  }

  @AfterEach
  void drop() {
    tables.close();
  }

  @Test
  void remembersAPoolAndAlsoThatItIsAbsent() {
    tables.execute("insert into pools values ('1', 1, 'A/B', 'p', 18, 6)");
    long[] now = {Long.MAX_VALUE - 5};
    SourceDatabase database =
        new SourceDatabase(tables.database.dataSource(), Duration.ofSeconds(5));
    PoolCache cache =
        new PoolCache(database, "public", "pools", Duration.ofSeconds(60), () -> now[0]);
    PoolCache.Address p = new PoolCache.Address(1, "P");
    PoolCache.Address q = new PoolCache.Address(1, "q");
    assertThat(cache.find(List.of(p, q)))
        .containsEntry(p, new PoolCache.Pool("A/B", 18, 6))
        .containsEntry(q, PoolCache.Pool.UNKNOWN);

    tables.execute("update pools set coin = 'C/D'; insert into pools values ('2',1,'Q/R','q',1,2)");
    now[0] += Duration.ofSeconds(59).toNanos();
    assertThat(cache.find(List.of(p)).get(p).symbol()).isEqualTo("A/B");
    assertThat(cache.find(List.of(q))).containsEntry(q, PoolCache.Pool.UNKNOWN);

    now[0] += Duration.ofSeconds(1).toNanos();
    assertThat(cache.find(List.of(p, q)))
        .containsEntry(p, new PoolCache.Pool("C/D", 18, 6))
        .containsEntry(q, new PoolCache.Pool("Q/R", 1, 2));
  }

  /** A stream can name any number of pools that do not exist. */
  @Test
  void remembersABoundedNumberOfPools() {
    SourceDatabase database =
        new SourceDatabase(tables.database.dataSource(), Duration.ofSeconds(5));
    PoolCache cache =
        new PoolCache(database, "public", "pools", Duration.ofDays(1), System::nanoTime);
    List<PoolCache.Address> many =
        IntStream.range(0, 50_010).mapToObj(i -> new PoolCache.Address(1, "p" + i)).toList();

    assertThat(cache.find(many)).hasSize(50_010).containsValue(PoolCache.Pool.UNKNOWN);
    assertThat(cache.remembered()).isEqualTo(10);
    PoolCache.Address longName = new PoolCache.Address(1, "p".repeat(1_001));
    assertThat(cache.find(List.of(longName))).containsKey(longName);
    assertThat(cache.remembered()).as("a long name is asked for each time").isEqualTo(10);
  }
}
