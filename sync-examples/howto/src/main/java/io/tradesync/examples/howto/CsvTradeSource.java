package io.tradesync.examples.howto;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Reads trades from a file with lines {@code id,epochSecond,chainId,poolId,price,quantity}. A
 * source of your own needs these two methods; the other methods of {@link TradeSource} are faster
 * ways to the same answers.
 */
public record CsvTradeSource(Path file) implements TradeSource {

  /** Takes the file. */
  public static void main(String... args) {
    InMemorySink sink = new InMemorySink();
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(new CsvTradeSource(Path.of(args[0])))
            .log(new InMemorySyncLog())
            .sink(sink)
            .build()) {
      System.out.println(engine.run().message());
    }
  }

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return SourcePage.cut(
        trades().filter(trade -> range.contains(trade.key())).limit(limit + 1L).toList(), limit);
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    return SourcePage.last(trades().filter(trade -> ids.contains(trade.id())).toList());
  }

  /** Reads the whole file in key order, as the contract of a source demands. */
  private Stream<Trade> trades() {
    try {
      return Files.readAllLines(file).stream()
          .map(CsvTradeSource::trade)
          .sorted(Comparator.comparing(Trade::key));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trade trade(String line) {
    String[] fields = line.split(",", -1);
    return Trade.builder(fields[0], Long.parseLong(fields[1]), Long.parseLong(fields[2]), fields[3])
        .price(new BigDecimal(fields[4]))
        .quantity(new BigDecimal(fields[5]))
        .build();
  }
}
