package io.tradesync.spi;

import io.tradesync.Trade;
import java.util.Collection;
import java.util.List;

/**
 * What live paths call; an engine is one. Thread-safe. Neither writing method needs the run lease:
 * a run and any number of live paths may meet on the same trades.
 */
public interface LiveWriter {

  /**
   * Writes trades that arrived live, each at most once over all paths. Returns after the commit.
   *
   * @param trades whole trades, in any order
   * @return what became of each
   * @throws io.tradesync.SideUnavailableException if a side is gone; nothing is marked, and what
   *     was not committed can be offered again
   * @throws io.tradesync.TradesyncException if the thread is interrupted; the flag stays set, and
   *     again nothing is marked
   */
  IngestResult ingest(List<Trade> trades);

  /**
   * Reads the source once for many hints, from the oldest hinted second less an overlap, and writes
   * what is new or changed. Stretches that no hint points at are not read, beyond the page that a
   * hint's trades stand on. Returns after the commit.
   *
   * @param hints the hints
   * @return what was written, and which hints found no trade
   * @throws io.tradesync.SideUnavailableException if a side is gone
   */
  CatchUpResult catchUp(Collection<Hint> hints);

  /**
   * Asks for a run as soon as possible, since a live path lost something that only a comparison of
   * both sides can find. Returns at once; the run is done by another thread, also where no
   * automatic recovery was started. Requests that come before that run begins are answered by it
   * together. A run that could not be carried out is tried again.
   *
   * @param reason what was lost, in one line without secrets; for the log
   */
  void requestRun(String reason);
}
