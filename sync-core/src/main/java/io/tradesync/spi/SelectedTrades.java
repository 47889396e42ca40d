package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Some chains and pools of a source that cannot find their trades by itself; reads all trades. */
record SelectedTrades(TradeSource source, TradeSelection selection) implements TradeSource {

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    List<Trade> trades = new ArrayList<>();
    List<UnreadableRow> unreadable = new ArrayList<>();
    KeyRange rest = range;
    while (true) {
      SourcePage<Trade> page = source.page(rest, limit);
      page.rows().stream().filter(selection::contains).forEach(trades::add);
      unreadable.addAll(page.unreadable());
      if (page.isLast()) {
        return SourcePage.last(trades, unreadable);
      }
      if (!trades.isEmpty() || !unreadable.isEmpty()) {
        return SourcePage.notLast(trades, unreadable);
      }
      rest = rest.after(page.end().orElseThrow());
    }
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    SourcePage<Trade> page = source.byIds(ids);
    return page.isLast()
        ? SourcePage.last(
                page.rows().stream().filter(selection::contains).toList(), page.unreadable())
            .withIdsOutsideKeyOrder(page.idsOutsideKeyOrder())
        : page;
  }

  /** Reads whole pages until one holds a selected trade. */
  @Override
  public Optional<TradeKey> first(KeyRange range) {
    Iterator<Keyed> rows = new SourcePages(this, range).iterator();
    return rows.hasNext() ? Optional.of(rows.next().key()) : Optional.empty();
  }

  @Override
  public TradeSource only(TradeSelection part) {
    return new SelectedTrades(source, selection.part(part));
  }

  @Override
  public void prepare() {
    source.prepare();
  }

  @Override
  public void probe() throws Exception {
    source.probe();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return source.classify(failure);
  }

  @Override
  public Optional<List<String>> attributeNames() {
    return source.attributeNames();
  }

  @Override
  public List<Trade> withPools(List<Trade> trades) {
    return source.withPools(trades);
  }

  @Override
  public long countWithoutKey() {
    return source.countWithoutKey();
  }

  @Override
  public List<OutsideRow> outsideKeyOrder(int limit) {
    return source.outsideKeyOrder(limit);
  }

  @Override
  public Optional<Finality> finality() {
    return source.finality();
  }
}
