package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.jdbc.PonderTables;
import io.tradesync.spi.Finality;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FinalizedCheckpointTest {

  private final PonderTables tables = new PonderTables();
  private FinalizedCheckpoint checkpoint;

  @BeforeEach
  void createPondersTables() {
    tables.create("integer", "");
    tables.execute(
        """
        create table _ponder_meta (key text primary key, value jsonb);
        create table _ponder_checkpoint (chain_id int, finalized_checkpoint varchar(75))\
        """);
    tables.execute("insert into _ponder_meta values ('app', '{\"is_ready\": 1}')");
    tables.execute("insert into _ponder_checkpoint values (1, %s)".formatted(at("1754400900")));
    tables.execute("insert into _ponder_checkpoint values (2, %s)".formatted(at("1754400000")));
    checkpoint =
        new FinalizedCheckpoint(
            new SourceDatabase(tables.database.dataSource(), Duration.ofSeconds(5)), "public");
  }

  @AfterEach
  void drop() {
    tables.close();
  }

  private static String at(String second) {
    return "'" + second + "0".repeat(65) + "'";
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "\"1\""})
  void theEarliestChainDecidesWhileTheAppIsReady(String ready) {
    tables.execute("update _ponder_meta set value = '{\"is_ready\": %s}'".formatted(ready));

    assertThat(checkpoint.finality()).contains(Finality.through(1_754_399_999L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "false"})
  void nothingIsFinalWhileTheAppIsNotReady(String ready) {
    tables.execute("update _ponder_meta set value = '{\"is_ready\": %s}'".formatted(ready));

    assertThat(checkpoint.finality()).contains(Finality.none());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update _ponder_checkpoint set finalized_checkpoint = '' where chain_id = 1",
        "update _ponder_checkpoint set finalized_checkpoint = null where chain_id = 1",
        "update _ponder_checkpoint set finalized_checkpoint = '0x68921b80'",
        "update _ponder_checkpoint set finalized_checkpoint = '1754400000'",
        "alter table _ponder_checkpoint drop column finalized_checkpoint",
        "alter table _ponder_checkpoint alter finalized_checkpoint type int using 7",
        "update _ponder_meta set value = '{\"is_ready\": \"soon\"}'",
        "update _ponder_meta set value = '{\"is_ready\": [1]}'",
        "update _ponder_meta set value = '7'",
        "update _ponder_meta set value = null",
        "delete from _ponder_meta",
        "alter table _ponder_meta drop column value",
        "alter table _ponder_meta alter value type text using 'no json'",
        "alter table _ponder_meta alter value type int using 7",
        "drop table _ponder_meta",
      })
  void unusableMetadataLeavesTheDecisionToTheAge(String change) {
    tables.execute(change);

    assertThat(checkpoint.finality()).isEmpty();
    assertThat(checkpoint.finality()).isEmpty();
  }

  @Test
  void metadataInATextIsReadAsWell() {
    tables.execute("alter table _ponder_meta alter value type text");

    assertThat(checkpoint.finality()).contains(Finality.through(1_754_399_999L));
  }
}
