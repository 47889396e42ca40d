package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.StoreDifferences;
import io.tradesync.SyncEngine;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of the user's own are proven by an audit, and belong to the log from its first start. */
class AttributesAuditTest {

  private final PonderTables ponder = new PonderTables();
  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void write() {
    ponder.create("bigint", ", fee numeric, tag text");
    ponder.execute(
        """
        insert into order_book_trades (id, chain_id, price, quantity, "timestamp", pool_id, fee, tag)
        select 't' || n, 1, 10, 2, 1754400000 + n, 'pool', 0.5 * n,
          case when n % 3 = 0 then null else 'a "tag" ' || n end
        from generate_series(1, 20) as n\
        """);
    try (SyncEngine engine = engine("fee", "tag")) {
      assertThat(engine.run().isComplete()).isTrue();
    }
  }

  @AfterEach
  void close() {
    store.close();
    ponder.close();
  }

  private SyncEngine engine(String... columns) {
    return SyncEngine.builder()
        .source(
            PonderTradeSource.builder(ponder.database.dataSource()).extraColumns(columns).build())
        .log(store.log)
        .sink(store.sink)
        .orphanGrace(Duration.ZERO)
        .build();
  }

  @Test
  void anUndamagedStoreDoesNotDiffer() {
    try (SyncEngine engine = engine("fee", "tag")) {
      assertThat(Objects.requireNonNull(engine.audit().store()))
          .isEqualTo(new StoreDifferences(0, List.of(), true, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attributes || '{\"fee\": \"9\"}'",
        "attributes || '{\"tag\": null}'",
        "attributes - 'tag'",
        "attributes || '{\"more\": \"1\"}'",
        "jsonb_build_object('fee', attributes -> 'tag', 'tag', attributes -> 'fee')",
        "null",
        "'[\"fee\", \"tag\"]'",
        "'7'"
      })
  void aChangedAttributeIsNamedAndRepaired(String changed) {
    String before = attributes();
    store.execute("update analytics_trades set attributes = " + changed + " where trade_id = 't4'");
    try (SyncEngine engine = engine("fee", "tag")) {
      assertThat(Objects.requireNonNull(engine.audit().store()).differing()).isEqualTo(1);

      assertThat(engine.run().success()).isTrue();

      assertThat(attributes()).isEqualTo(before);
      assertThat(Objects.requireNonNull(engine.audit().store()).differing()).isZero();
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  private String attributes() {
    return store
        .rows("select trade_id, attributes::text from analytics_trades order by ts")
        .toString();
  }

  @Test
  void otherColumnsAreRefusedBeforeAnythingIsCompared() {
    for (String[] columns : new String[][] {{}, {"fee"}, {"tag", "fee"}}) {
      assertThatExceptionOfType(InvalidSettingException.class)
          .isThrownBy(() -> engine(columns).close())
          .withMessageContaining("attributeNames")
          .withMessageContaining("[fee, tag]");
    }
    try (SyncEngine engine = engine("fee", "tag")) {
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }
}
