package io.tradesync.jdbc.internal.ponder;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.TradeSelection;
import io.tradesync.jdbc.PonderColumn;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PonderTableTest {

  /** Ponder's table as it is unless the user names another. */
  static PonderTable withDefaultNames(String... extraColumns) {
    return new PonderTable(
        "public",
        "order_book_trades",
        Arrays.stream(PonderColumn.values())
            .collect(Collectors.toMap(Function.identity(), PonderColumn::defaultName)),
        List.of(extraColumns),
        TradeSelection.ALL);
  }

  @Test
  void fillsTheUsersNamesIntoAStatement() {
    String statement =
        withDefaultNames("fee")
            .sqlNames()
            .fill("select {columns} from :\"schema\".:\"table\" as t where t.:\"id\" = :id");

    assertThat(statement)
        .isEqualTo(
            "select \"id\", \"chain_id\", \"price\", \"quantity\", \"timestamp\","
                + " \"transaction_id\", \"side\", \"pool_id\", \"fee\""
                + " from \"public\".\"order_book_trades\" as t where t.\"id\" = :id");
  }
}
