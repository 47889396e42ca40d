package io.tradesync.redis;

import io.tradesync.Trade;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.LiveWriter;
import java.util.Collection;
import java.util.List;

/** Takes everything and remembers nothing. */
final class ForgetfulWriter implements LiveWriter {

  @Override
  public IngestResult ingest(List<Trade> trades) {
    return new IngestResult(
        trades.stream().map(Trade::key).toList(), List.of(), List.of(), List.of(), List.of());
  }

  @Override
  public CatchUpResult catchUp(Collection<Hint> hints) {
    return new CatchUpResult(0, 0, List.of());
  }

  @Override
  public void requestRun(String reason) {}
}
