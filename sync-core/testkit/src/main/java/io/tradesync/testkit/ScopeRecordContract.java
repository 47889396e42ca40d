package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradeSelection;
import io.tradesync.Verified;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#scope} of a log that records it.
 *
 * <ul>
 *   <li>The baseline is kept or replaced as asked.
 *   <li>Chains and pools are recorded, and may grow.
 *   <li>Chains and pools that a log with entries would lose are refused by name.
 *   <li>A log without entries takes any chains and pools.
 *   <li>The names of attributes are recorded, and others are refused, or in another order.
 *   <li>A log with entries that recorded no names takes those of now.
 *   <li>More chains and pools forget what is verified, and end the leases that are held.
 * </ul>
 */
public abstract class ScopeRecordContract extends LogContract {

  private static final TradeSelection POOLS =
      TradeSelection.ALL.withChains(1, 10).withPools("a", "it's \"b\"");

  @Test
  void theBaselineIsKeptOrReplacedAsAsked() {
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T);
    assertThat(log.scope().keepBaseline(T + 1)).isEqualTo(T);
    log.scope().setBaseline(T + 2);
    assertThat(log.scope().keepBaseline(T)).isEqualTo(T + 2);
  }

  @Test
  void theNamesOfAttributesAreRecordedAndOthersAreRefused() throws Exception {
    log.scope().keepSelection(TradeSelection.ALL);
    log.scope().keepAttributeNames(List.of());
    log.scope().keepAttributeNames(List.of("fee", "a \"tag\""));
    processed("x", T);
    log.scope().keepAttributeNames(List.of("fee", "a \"tag\""));

    for (List<String> others :
        List.of(List.<String>of(), List.of("a \"tag\"", "fee"), List.of("fee"))) {
      assertThatExceptionOfType(InvalidSettingException.class)
          .isThrownBy(() -> log.scope().keepAttributeNames(others))
          .withMessageContaining("attributeNames")
          .withMessageContaining("[fee, a \"tag\"]");
    }
    log.scope().keepAttributeNames(List.of("fee", "a \"tag\""));
  }

  @Test
  void aLogWithEntriesThatRecordedNoNamesTakesThoseOfNow() throws Exception {
    log.scope().keepSelection(TradeSelection.ALL);
    processed("x", T);

    log.scope().keepAttributeNames(List.of("fee"));

    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> log.scope().keepAttributeNames(List.of()));
  }

  @Test
  void chainsAndPoolsAreRecordedAndMayGrow() throws Exception {
    log.scope().keepSelection(POOLS);
    assertThat(log.scope().selection()).contains(POOLS);
    processed("x", T);
    log.scope().keepSelection(POOLS);
    TradeSelection more = POOLS.withPools("a", "it's \"b\"", "c");
    for (TradeSelection next : List.of(more, more.withChains(), TradeSelection.ALL)) {
      log.scope().keepSelection(next);
      assertThat(log.scope().selection()).contains(next);
    }
  }

  @Test
  void chainsAndPoolsThatALogWithEntriesWouldLoseAreRefusedByName() throws Exception {
    processed("x", T);
    isRefused(POOLS, "chains", "all chains");
    isRefused(TradeSelection.ALL.withPools("a"), "pools", "all pools");
    log.scope().keepSelection(TradeSelection.ALL);
    isRefused(POOLS, "chains", "all chains");
    assertThat(log.scope().selection()).contains(TradeSelection.ALL);
  }

  @Test
  void aLogWithoutEntriesTakesAnyChainsAndPools() throws Exception {
    log.scope().keepSelection(TradeSelection.ALL);
    log.scope().keepSelection(POOLS.withPools("z"));
    log.scope().keepSelection(POOLS);
    processed("x", T);
    isRefused(POOLS.withPools("a", "c"), "pools", "[it's \"b\"]");
    isRefused(POOLS.withChains(10, 7), "chains", "[1]");
    assertThat(log.scope().selection()).contains(POOLS);
  }

  private void isRefused(TradeSelection wanted, String name, String lost) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> log.scope().keepSelection(wanted))
        .withMessageStartingWith(name + " must contain " + lost + ", since the log has entries")
        .withMessageContaining("take another service name")
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }

  @Test
  void moreChainsAndPoolsForgetWhatIsVerifiedAndEndTheLeases() throws Exception {
    log.scope().keepSelection(POOLS);
    processed("x", T);
    FencingToken run = log.lease().acquire(LeaseKind.RUN, "r", Duration.ofMinutes(1));
    assertThat(log.verification().begin(run, T + 100)).isTrue();
    log.verification().complete(run, new Verified(null, T + 100, 1, 0, Instant.EPOCH), List.of());
    log.scope().keepSelection(POOLS);
    assertThat(log.verification().snapshot().verified()).isPresent();
    assertThat(log.lease().renew(run, Duration.ofMinutes(1))).isTrue();

    log.scope().keepSelection(POOLS.withPools());

    assertThat(log.verification().snapshot().verified()).isEmpty();
    assertThat(log.lease().renew(run, Duration.ofMinutes(1))).isFalse();
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> log.transact(run, transaction -> "written"));
    assertThat(log.lease().acquire(LeaseKind.RUN, "next", Duration.ofMinutes(1)).number())
        .isGreaterThan(run.number());
  }
}
