package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.log.LogSnapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares, key by key and as of one moment, what the log says that the sink holds with it. */
record HeldComparison(LogSnapshot log, StoreView.Held sink, StopCheck stopCheck) {

  private static final int PAGE = 5_000;

  /** Receives a key at which both differ; returns whether to go on. */
  private interface Visitor {
    boolean visit(TradeKey key);
  }

  /** Counts the keys of a range at which both differ. */
  long count(KeyRange range) throws Exception {
    long[] count = new long[1];
    visit(range, range.after(), key -> ++count[0] > 0);
    return count[0];
  }

  /** Returns the first keys of a range after a key at which both differ, in order. */
  List<TradeKey> keys(KeyRange range, TradeKey after, int limit) throws Exception {
    List<TradeKey> keys = new ArrayList<>();
    visit(
        range,
        after,
        key -> {
          keys.add(key);
          return keys.size() < limit;
        });
    return keys;
  }

  private void visit(KeyRange range, TradeKey from, Visitor visitor) throws Exception {
    Merged<KeyFingerprint> expected =
        new Merged<>(after -> log.held(range.after(after), PAGE), from);
    Merged<HeldTrade> held = new Merged<>(after -> sink.trades(range, after, PAGE), from);
    while (true) {
      stopCheck.throwIfStopped();
      KeyFingerprint entry = expected.next();
      HeldTrade row = held.next();
      Keyed either = entry == null ? row : entry;
      if (either == null) {
        return;
      }
      int order = entry == null ? 1 : row == null ? -1 : entry.key().compareTo(row.key());
      TradeKey key = order > 0 && row != null ? row.key() : either.key();
      if ((order != 0 || !isHeld(entry, row)) && !visitor.visit(key)) {
        return;
      }
      if (order <= 0) {
        expected.advance();
      }
      if (order >= 0) {
        held.advance();
      }
    }
  }

  private static boolean isHeld(@Nullable KeyFingerprint entry, @Nullable HeldTrade row) {
    return entry != null && row != null && row.sound() && row.fingerprint() == entry.fingerprint();
  }

  private interface PageReader<K> {
    List<K> read(TradeKey after) throws Exception;
  }

  /** Reads keys page by page, to be merged with another side's. */
  private static final class Merged<K extends Keyed> {

    private final PageReader<K> reader;
    private List<K> page;
    private Iterator<K> rest;
    private @Nullable K next;

    Merged(PageReader<K> reader, TradeKey after) throws Exception {
      this.reader = reader;
      this.page = reader.read(after);
      this.rest = page.iterator();
      advance();
    }

    @Nullable K next() {
      return next;
    }

    void advance() throws Exception {
      if (!rest.hasNext() && page.size() >= PAGE) {
        page = reader.read(page.get(page.size() - 1).key());
        rest = page.iterator();
      }
      next = rest.hasNext() ? rest.next() : null;
    }
  }
}
