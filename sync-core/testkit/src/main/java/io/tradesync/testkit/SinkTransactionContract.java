package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that a transactional sink joins the transaction of the log. */
abstract class SinkTransactionContract extends SinkContractPart {

  SinkTransactionContract(AnalyticsSinkContract contract) {
    super(contract);
  }

  @Test
  void itJoinsTheLogsTransactionAndLeavesItsEndToTheLog() throws Exception {
    if (sink instanceof TransactionalSink<?> joining) {
      joins(joining);
    } else {
      assertThatNothingUndeclaredIsSent();
    }
  }

  private <T> void joins(TransactionalSink<T> joining) throws Exception {
    List<Trade> trades = trades(6);
    assertThat(joining.transactionType().isAssignableFrom(log.transactionType())).isTrue();
    assertThatThrownBy(() -> joining.write(batch(false, List.of(insert(trades.get(0))))))
        .isInstanceOf(UnsupportedOperationException.class);
    TradeBatch batch = batch(false, trades.stream().map(TradeChange.Insert::new).toList());
    assertThatThrownBy(() -> join(joining, batch, true)).hasMessage("after the batch was written");
    assertHeld();

    ClaimRequest request =
        new ClaimRequest(trades, List.of(), ClaimMode.NEW, joining.capabilities(), "r");
    Claim claim =
        log.transact(
            null,
            transaction -> {
              Claim claimed = transaction.claim(request);
              T handle = joining.transactionType().cast(transaction.handle());
              joining.write(batch(false, claimed.changes()), handle);
              assertThat(contract.held()).isEmpty();
              return claimed;
            });
    assertThat(claim.changes()).hasSize(6);
    assertHeld(trades);
    assertThat(log.entries().page(List.of(KeyRange.all()), 100)).hasSize(6);
  }

  @Test
  void itCanBePreparedAgainAndKeepsWhatItHolds() throws Exception {
    insert(trades(3));
    if (sink instanceof TransactionalSink<?> joining) {
      contract.prepare(joining);
    }
    assertHeld(trades(3));
  }

  @Test
  void whatItPutOffIsSettledInTheEnd() throws Exception {
    insert(trades(30));
    completeDeferred();
    completeDeferred();
    assertHeld(trades(30));
  }

  @Test
  void anEngineSendsWhatTheSinkDeclaresAndReportsTheRest() throws Exception {
    assertThatNothingUndeclaredIsSent();
  }
}
