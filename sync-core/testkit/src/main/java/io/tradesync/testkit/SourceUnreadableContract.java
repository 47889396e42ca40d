package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.UnreadableRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks rows that have a key and are no trades: every answer holds them beside the trades. */
abstract class SourceUnreadableContract extends SourceContractPart {

  private static final int ROWS = 30;
  private static final Set<Integer> BAD = Set.of(0, 7, 8, 9, 20, ROWS - 1);

  private final CompleteTradeSourceContract contract;

  SourceUnreadableContract(CompleteTradeSourceContract contract) {
    super(contract);
    this.contract = contract;
  }

  private static TradeKey key(int i) {
    return new TradeKey(T + i, String.format(Locale.ROOT, "r%02d", i));
  }

  private static List<TradeKey> keys(int from, int to) {
    return IntStream.range(from, to).mapToObj(SourceUnreadableContract::key).toList();
  }

  private static List<TradeKey> badKeys() {
    return BAD.stream().sorted().map(SourceUnreadableContract::key).toList();
  }

  private void putRows() throws Exception {
    put(
        IntStream.range(0, ROWS)
            .filter(i -> !BAD.contains(i))
            .mapToObj(i -> trade(key(i).id(), T + i))
            .toList());
    for (int i : BAD) {
      contract.putUnreadable(key(i), 0);
    }
  }

  private static List<TradeKey> keysOf(List<? extends Keyed> rows) {
    return rows.stream().<TradeKey>map(Keyed::key).toList();
  }

  /** Reads everything as the engine does; returns the keys of all rows, and the unreadable rows. */
  private static List<UnreadableRow> readAll(
      BiFunction<List<KeyRange>, Integer, ? extends SourcePage<?>> request,
      int limit,
      List<TradeKey> keys) {
    List<UnreadableRow> unreadable = new ArrayList<>();
    List<KeyRange> rest = List.of(KeyRange.all());
    while (true) {
      SourcePage<?> page = request.apply(rest, limit);
      assertThat(page.all()).as("rows of a page of %d", limit).hasSizeLessThanOrEqualTo(limit);
      keys.addAll(keysOf(page.all()));
      unreadable.addAll(page.unreadable());
      if (page.isLast()) {
        return unreadable;
      }
      TradeKey end = page.end().orElseThrow();
      rest = rest.stream().map(range -> range.after(end)).toList();
    }
  }

  @Test
  void pagesHoldUnreadableRowsInTheirPlaceAndCountThemTowardsTheLimit() throws Exception {
    putRows();

    for (int limit : List.of(1, 2, 8, ROWS, TradeSource.MAX_LIMIT)) {
      List<TradeKey> ofPages = new ArrayList<>();
      List<UnreadableRow> rows = readAll(source::page, limit, ofPages);
      assertThat(ofPages).isEqualTo(keys(0, ROWS));
      assertThat(keysOf(rows)).isEqualTo(badKeys());
      List<TradeKey> ofKeys = new ArrayList<>();
      assertThat(readAll(source::keys, limit, ofKeys)).isEqualTo(rows);
      assertThat(ofKeys).isEqualTo(keys(0, ROWS));
    }
  }

  @Test
  void anUnreadableRowSaysWhatIsWrongWithIt() throws Exception {
    contract.putUnreadable(key(0), 0);
    contract.putUnreadable(key(1), 1);

    assertThat(source.page(KeyRange.all(), 10).unreadable())
        .hasSize(2)
        .allSatisfy(row -> assertThat(row.column()).isNotBlank())
        .allSatisfy(row -> assertThat(row.reason()).isNotBlank());
  }

  @Test
  void byIdsReturnsUnreadableRowsSoThatTheyAreNotTakenForGone() throws Exception {
    putRows();

    SourcePage<Trade> answer =
        source.byIds(List.of(key(0).id(), key(1).id(), key(8).id(), "nobody"));
    assertThat(answer.isLast()).isTrue();
    assertThat(keysOf(answer.rows())).containsExactly(key(1));
    assertThat(keysOf(answer.unreadable())).containsExactly(key(0), key(8));
    assertThat(answer.unreadable())
        .isSubsetOf(readAll(source::page, TradeSource.MAX_LIMIT, new ArrayList<>()));
  }

  @Test
  void digestsHoldTheHashesOfUnreadableRows() throws Exception {
    putRows();
    List<UnreadableRow> rows = readAll(source::page, TradeSource.MAX_LIMIT, new ArrayList<>());
    long hashes = rows.stream().mapToLong(UnreadableRow::rowHash).sum();
    long fingerprints = trades(KeyRange.all()).stream().mapToLong(Trade::fingerprint).sum();

    KeyRange range = KeyRange.seconds(T, T + ROWS);
    SourceDigest whole = new SourceDigest(0, ROWS, hashes + fingerprints, BAD.size());
    assertThat(source.digests(range, ROWS)).containsExactly(whole);
    assertThat(source.digests(List.of(range))).containsExactly(whole);
    assertThat(source.digests(range, 10))
        .isEqualTo(new Minimal(source).digests(range, 10))
        .extracting(SourceDigest::unreadable)
        .containsExactly(4L, 0L, 2L);
  }

  @Test
  void countsAndBoundsHoldUnreadableRows() throws Exception {
    putRows();

    assertThat(source.count(KeyRange.all())).isEqualTo(ROWS);
    assertThat(source.first(KeyRange.all())).contains(key(0));
    assertThat(source.last(KeyRange.all())).contains(key(ROWS - 1));
  }

  @Test
  void theHashOfAnUnreadableRowChangesWithTheRowOnly() throws Exception {
    contract.putUnreadable(key(0), 0);
    long hash = hash();
    assertThat(hash()).isEqualTo(hash);

    remove(key(0).id());
    contract.putUnreadable(key(0), 1);
    assertThat(hash()).isNotEqualTo(hash);

    remove(key(0).id());
    contract.putUnreadable(key(0), 0);
    assertThat(hash()).isEqualTo(hash);
    remove(key(0).id());
    put(List.of(trade(key(0).id(), T)));
    assertThat(source.page(KeyRange.all(), 10).unreadable()).isEmpty();
    assertThat(source.page(KeyRange.all(), 10).rows()).hasSize(1);
  }

  private long hash() {
    return source.page(KeyRange.all(), 10).unreadable().get(0).rowHash();
  }
}
