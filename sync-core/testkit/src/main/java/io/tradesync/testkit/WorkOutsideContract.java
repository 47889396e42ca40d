package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.OutsideTransaction;
import io.tradesync.spi.log.SyncLog;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#outsideTransaction} of a log that offers it.
 *
 * <ul>
 *   <li>The work gets what transactions are open on.
 *   <li>One at a time works; another is told so, and works afterwards.
 *   <li>Work that fails lets the next one work.
 *   <li>Transactions go on meanwhile.
 * </ul>
 */
public abstract class WorkOutsideContract extends LogContract {

  protected WorkOutsideContract() {}

  @Test
  void theWorkGetsWhatTransactionsAreOpenOn() throws Exception {
    assertThat(log.offersWorkOutside()).isTrue();

    Optional<Boolean> result =
        log.outsideTransaction(outside -> log.transactionType().isInstance(outside.handle()));

    assertThat(result).contains(true);
  }

  @Test
  void oneAtATimeWorks() throws Exception {
    Optional<Optional<String>> both =
        log.outsideTransaction(
            first -> async(() -> log.outsideTransaction(second -> "both")).join());

    assertThat(both).contains(Optional.empty());
    assertThat(log.<String>outsideTransaction(next -> "next")).contains("next");
  }

  @Test
  void workThatFailsLetsTheNextOneWork() throws Exception {
    OutsideTransaction.Work<String> broken =
        outside -> {
          throw new IllegalStateException("refused");
        };

    assertThatThrownBy(() -> log.outsideTransaction(broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("refused");

    assertThat(log.<String>outsideTransaction(next -> "next")).contains("next");
  }

  @Test
  void transactionsGoOnMeanwhile() throws Exception {
    Optional<Boolean> committed =
        log.outsideTransaction(
            outside -> async(() -> processed("a", T)).thenApply(key -> true).join());

    assertThat(committed).contains(true);
    assertThat(entry(new TradeKey(T, "a")).status()).isEqualTo(EntryStatus.PROCESSED);
  }
}
