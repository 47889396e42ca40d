package io.tradesync.spi;

import io.tradesync.Trade;
import java.util.function.Predicate;

/** Sinks that are made of other sinks. */
public final class Sinks {

  private Sinks() {}

  /**
   * Returns a sink that writes some of the trades only. What is filtered counts as processed.
   *
   * <p>A trade that is not wanted is not inserted. A {@link TradeChange.Replace} whose new content
   * is not wanted becomes a {@link TradeChange.Retract} of the old key with the same revision. A
   * Retract always goes on. So the inner sink may get a Replace or a Retract of a trade that it
   * never received. If the inner sink cannot retract, the filter declares no {@link
   * SinkCapability#REPLACE} either.
   *
   * <p>An inner sink that drops old trades on its own is not told the oldest processed trade, which
   * may have been filtered; its retention must come from a policy that it knows itself.
   *
   * <p>The filter is a {@link TransactionalSink} if the inner sink is one, and as thread-safe as
   * the inner sink and the predicate. Changing the predicate later changes nothing that is
   * processed already; a force writes it again.
   *
   * @param wanted says which trades are written. It must depend on the trade's content only, and
   *     always answer the same
   * @param sink the inner sink
   */
  public static AnalyticsSink filter(Predicate<Trade> wanted, AnalyticsSink sink) {
    return sink instanceof TransactionalSink<?> joining
        ? new JoiningFilter<>(new TradeFilter(wanted), joining)
        : new PlainFilter(new TradeFilter(wanted), sink);
  }
}
