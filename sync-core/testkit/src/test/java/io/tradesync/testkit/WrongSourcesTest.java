package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;

/** Sources that lose rows fail in a test of the kit whose name says why. */
class WrongSourcesTest {

  /** A list of rows, of which several may have one key, that is cut into pages. */
  private static final class Contract extends TradeSourceContract {
    private final List<Trade> rows = new ArrayList<>();
    private final BiFunction<List<Trade>, Integer, SourcePage<Trade>> cut;

    Contract(BiFunction<List<Trade>, Integer, SourcePage<Trade>> cut) {
      this.cut = cut;
    }

    static SourcePageContract of(BiFunction<List<Trade>, Integer, SourcePage<Trade>> cut)
        throws Exception {
      Contract contract = new Contract(cut);
      contract.make();
      SourcePageContract pages = contract.new Pages();
      pages.useSource();
      return pages;
    }

    private List<Trade> sorted() {
      return rows.stream().sorted(Comparator.comparing(Trade::key)).toList();
    }

    @Override
    protected TradeSource emptySource() {
      return new TradeSource() {
        @Override
        public SourcePage<Trade> page(KeyRange range, int limit) {
          return cut.apply(
              sorted().stream().filter(row -> range.contains(row.key())).toList(), limit);
        }

        @Override
        public SourcePage<Trade> byIds(Collection<String> ids) {
          return SourcePage.last(sorted().stream().filter(row -> ids.contains(row.id())).toList());
        }
      };
    }

    @Override
    protected void put(Collection<Trade> trades) {
      rows.addAll(trades);
    }

    @Override
    protected boolean putBeside(Trade trade) {
      return rows.add(trade);
    }

    @Override
    protected void remove(String id) {
      rows.removeIf(row -> row.id().equals(id));
    }
  }

  private static void play(SourcePageContract pages) throws Throwable {
    List<DynamicTest> tests = pages.rowsOfOneKeyAreNeverDividedBetweenPages().toList();
    assertThat(tests).hasSize(1);
    tests.get(0).getExecutable().execute();
  }

  @Test
  void aSourceThatKeepsTheRowsOfAKeyTogetherPasses() throws Exception {
    SourcePageContract pages =
        Contract.of(
            (rows, limit) ->
                SourcePage.cut(rows.subList(0, Math.min(rows.size(), limit + 1)), limit));

    assertThatCode(() -> play(pages)).doesNotThrowAnyException();
  }

  @Test
  void aSourceThatDividesTheRowsOfAKeyFails() throws Exception {
    SourcePageContract pages =
        Contract.of(
            (rows, limit) ->
                rows.size() <= limit
                    ? SourcePage.last(rows)
                    : SourcePage.notLast(rows.subList(0, limit)));

    assertThatThrownBy(() -> play(pages))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the source has three rows of (1754400002, t2)")
        .hasMessageContaining("all of them or none");
  }

  @Test
  void aSourceThatHoldsOneRowAKeyHasNoTestOfIt() throws Exception {
    TradeSourceContract contract = new InMemoryTradeSourceContractTest();
    contract.make();
    SourcePageContract pages = contract.new Pages();
    pages.useSource();

    assertThat(pages.rowsOfOneKeyAreNeverDividedBetweenPages()).isEmpty();
  }
}
