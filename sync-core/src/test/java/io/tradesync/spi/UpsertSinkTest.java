package io.tradesync.spi;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpsertSinkTest {

  private final List<String> calls = new ArrayList<>();

  private final UpsertSink sink =
      new UpsertSink() {
        @Override
        public void upsert(Trade trade, long revision) {
          calls.add("upsert " + trade.key() + " " + revision);
        }

        @Override
        public void delete(TradeKey key, long revision) {
          calls.add("delete " + key + " " + revision);
        }
      };

  private static String upsert(Trade trade, int revision) {
    return "upsert " + trade.key() + " " + revision;
  }

  private static String delete(TradeKey key, int revision) {
    return "delete " + key + " " + revision;
  }

  private void write(TradeChange... changes) throws Exception {
    sink.write(new TradeBatch("analytics", "key", false, List.of(changes)));
  }

  @Test
  void anInsertAndAReplaceAreUpserts() throws Exception {
    Trade a = trade("a", T0);
    Trade b = trade("b", T0 + 1);

    write(new TradeChange.Insert(a, 1), new TradeChange.Replace(b.key(), b, 2));

    assertThat(calls).containsExactly(upsert(a, 1), upsert(b, 2));
  }

  @Test
  void aMoveIsOneUpsertAndDeletesNothing() throws Exception {
    Trade moved = trade("a", T0 + 5);

    write(new TradeChange.Replace(new TradeKey(T0, "a"), moved, 7));

    assertThat(calls).containsExactly(upsert(moved, 7));
  }

  @Test
  void aRetractIsADelete() throws Exception {
    write(new TradeChange.Retract(new TradeKey(T0, "a"), 3));

    assertThat(calls).containsExactly(delete(new TradeKey(T0, "a"), 3));
  }

  /** A batch is in key order: a retraction may stand behind the newer write of the same id. */
  @Test
  void olderChangesOfABatchComeFirst() throws Exception {
    Trade a = trade("a", T0);
    TradeKey further = new TradeKey(T0 + 9, "a");

    write(new TradeChange.Insert(a, 5), new TradeChange.Retract(further, 4));

    assertThat(calls).containsExactly(delete(further, 4), upsert(a, 5));
  }

  @Test
  void allKindsOfChangeAreDeclared() {
    assertThat(sink.capabilities()).isEqualTo(EnumSet.allOf(SinkCapability.class));
  }
}
