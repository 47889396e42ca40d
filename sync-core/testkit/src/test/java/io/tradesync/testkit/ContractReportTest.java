package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** A failure of a contract says what was asked, what came and what was due. */
class ContractReportTest {

  /** Knows no ids. */
  private static final class Forgetful extends TradeSourceContract {
    private final InMemoryTradeSource trades = new InMemoryTradeSource();

    @Override
    protected TradeSource emptySource() {
      return new TradeSource() {
        @Override
        public SourcePage<Trade> page(KeyRange range, int limit) {
          return trades.page(range, limit);
        }

        @Override
        public SourcePage<Trade> byIds(Collection<String> ids) {
          return SourcePage.last(List.of());
        }
      };
    }

    @Override
    protected void put(Collection<Trade> added) {
      trades.putAll(added);
    }

    @Override
    protected void remove(String id) {
      trades.remove(id);
    }
  }

  /** Writes nothing. */
  private static final class Lazy extends AnalyticsSinkContract {
    @Override
    protected AnalyticsSink emptySink() {
      return batch -> {};
    }

    @Override
    protected Collection<Trade> held() {
      return List.of();
    }
  }

  private static void test(Object contract, Class<?> part, String name, Invocation<Void> test)
      throws Throwable {
    Method method = part.getDeclaredMethod(name);
    new BrokenRuleReport().interceptTestMethod(test, reflective(method), context(contract));
  }

  @SuppressWarnings("unchecked")
  private static ReflectiveInvocationContext<Method> reflective(Method method) {
    return answering(ReflectiveInvocationContext.class, method);
  }

  private static ExtensionContext context(Object contract) {
    return answering(ExtensionContext.class, contract);
  }

  private static <T> T answering(Class<T> type, Object answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answer));
  }

  @Test
  void ofASource() throws Exception {
    Forgetful contract = new Forgetful();
    contract.make();
    SourcePageContract pages = contract.new Pages();
    pages.useSource();
    String rule = "byIdsGivesWhatExistsOnceAndInKeyOrder";

    assertThatThrownBy(
            () ->
                test(
                    pages,
                    SourcePageContract.class,
                    rule,
                    () -> {
                      pages.byIdsGivesWhatExistsOnceAndInKeyOrder();
                      return null;
                    }))
        .hasMessageContaining(
            "The source broke the rule \"by ids gives what exists once and in key order\"")
        .hasMessageContaining("byIds([a, nowhere, b, a, ]) -> [], last")
        .hasMessageContaining("Expected was:");
  }

  @Test
  void ofASink() throws Exception {
    Lazy contract = new Lazy();
    contract.make();
    SinkInsertContract inserts = contract.new Inserts();
    inserts.useSink();

    assertThatThrownBy(
            () ->
                test(
                    inserts,
                    SinkInsertContract.class,
                    "whatIsInsertedIsHeldOnceTheWriteReturns",
                    () -> {
                      inserts.whatIsInsertedIsHeldOnceTheWriteReturns();
                      return null;
                    }))
        .satisfies(
            e ->
                assertThat(e)
                    .hasMessageContaining("The sink broke the rule \"what is inserted is held")
                    .hasMessageContaining("write(TradeBatch[")
                    .hasMessageContaining("-> done"));
  }
}
