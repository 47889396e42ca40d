package io.tradesync.spi;

import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Writes what live feeds deliver; an engine is one. Thread-safe. Neither writing method needs the
 * run lease: a run and any number of live feeds may write the same trades at the same time.
 */
public interface LiveWriter {

  /**
   * Writes trades that arrived live, each at most once over all paths. Returns after the commit.
   *
   * @param trades whole trades, in any order
   * @throws SideUnavailableException if a side is unavailable; nothing is marked, and trades that
   *     were not committed can be offered again
   * @throws TradesyncException if the thread is interrupted; the interrupt flag stays set, and
   *     nothing is marked
   */
  IngestResult ingest(List<Trade> trades);

  /**
   * Reads the source once for many hints, from the oldest hinted second minus an overlap, and
   * writes the trades that are new or changed. Ranges that no hint points at are not read, apart
   * from the rest of a page that holds a hinted trade. Returns after the commit.
   *
   * @throws SideUnavailableException if a side is unavailable
   */
  CatchUpResult catchUp(Collection<Hint> hints);

  /**
   * Requests a run as soon as possible, because a live feed lost something that only a comparison
   * of both sides can find. Returns at once; another thread does the run, also if no automatic
   * recovery was started. One run answers all requests that come before it begins. A run that could
   * not be carried out is tried again.
   *
   * @param reason what was lost, in one line without secrets; for the log
   */
  void requestRun(String reason);

  /**
   * Says that the trades of a message are committed, so that the writer can measure how late the
   * live path is. A feed calls it after {@link #ingest} or {@link #catchUp}, if it knows when the
   * message was published. Changes nothing; does nothing by default.
   *
   * @param feed the name of the feed, as in {@link FeedHealth#name}
   */
  default void committed(String feed, Instant publishedAt) {}
}
