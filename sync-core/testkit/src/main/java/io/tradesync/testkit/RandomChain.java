package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to the rows of a source that follows a chain, at random: trades of one second,
 * quiet times, reorganisations that take rows away for a while or for good, move ids to other
 * timestamps and change contents; and, below the second that is final, rows that come late, change
 * or leave. Remembers what was there, so that what it did can be told from what it did not.
 *
 * <p>A reorganisation touches only what is not final. What is final changes only where {@link
 * #disturb()} says so, as a backfill or a redeploy does. Not thread-safe.
 */
public final class RandomChain {

  /** Where the rows are kept. */
  public interface Rows {

    /**
     * Takes trades out and puts trades in, all at one moment.
     *
     * @param removed ids that are there
     * @param added trades whose ids are not there, or are removed just now
     */
    void change(Collection<String> removed, Collection<Trade> added);
  }

  private static final int POOLS = 2;
  private static final int YEARS = 100_000_000;

  private final Random random;
  private final SettableClock clock;
  private final Rows rows;
  private final long confirmation;
  private final int ids;
  private final Map<String, Trade> there = new TreeMap<>();
  private final Map<String, Trade> away = new TreeMap<>();
  private final List<Trade> vanished = new ArrayList<>();
  private final Map<TradeKey, Long> awaySince = new HashMap<>();
  private final List<Trade> past = new ArrayList<>();
  private final Set<String> disturbedIds = new HashSet<>();
  private final Set<Long> disturbedSeconds = new HashSet<>();

  /**
   * Makes a chain without a trade.
   *
   * @param random decides everything
   * @param clock tells the chain's time
   * @param confirmation the age at which nothing moves any more; whole seconds
   * @param ids how many ids there are at most
   * @param rows where the rows are kept
   */
  public RandomChain(
      Random random, SettableClock clock, Duration confirmation, int ids, Rows rows) {
    this.random = random;
    this.clock = clock;
    this.rows = rows;
    this.confirmation = confirmation.toSeconds();
    this.ids = ids;
  }

  /**
   * The second up to which no reorganisation goes back.
   *
   * @return seconds since 1970
   */
  public long finalThrough() {
    return now() - confirmation;
  }

  private long now() {
    return clock.instant().getEpochSecond();
  }

  /**
   * The trades that are there.
   *
   * @return by key
   */
  public Map<TradeKey, Trade> trades() {
    Map<TradeKey, Trade> byKey = new TreeMap<>();
    there.values().forEach(trade -> byKey.put(trade.key(), trade));
    return byKey;
  }

  /**
   * Tells where an id is.
   *
   * @param id the id
   * @return the second of its trade; null if there is none
   */
  public @Nullable Long secondOf(String id) {
    Trade trade = there.get(id);
    return trade == null ? null : trade.epochSecond();
  }

  /**
   * Tells since when nobody can have seen a trade at a key.
   *
   * @param key a key at which there was a trade
   * @return the milliseconds since 1970 at which it was taken away first since {@link #seen()}
   */
  public long awaySinceMillis(TradeKey key) {
    return awaySince.getOrDefault(key, Long.MAX_VALUE);
  }

  /**
   * Ids whose trades moved although they were final: nobody can know that before everything is
   * compared.
   *
   * @return the ids
   */
  public Set<String> disturbedIds() {
    return disturbedIds;
  }

  /**
   * Seconds at which something changed although it was final.
   *
   * @return the seconds; a comparison of everything removes them
   */
  public Set<Long> disturbedSeconds() {
    return disturbedSeconds;
  }

  /** Something that every chain does. */
  public void live() {
    switch (random.nextInt(6)) {
      case 0, 1 -> grow();
      case 2, 3 -> reorganise();
      default -> comeBack();
    }
  }

  /** New trades. */
  public void grow() {
    List<Trade> added = new ArrayList<>();
    int count = 1 + random.nextInt(6);
    long second = young();
    for (int i = 0; i < count; i++) {
      String id = "t" + random.nextInt(ids);
      if (!there.containsKey(id) && !away.containsKey(id) && !holds(added, id)) {
        added.add(trade(id, second));
      }
      second = random.nextInt(3) == 0 ? young() : second;
    }
    change(Set.of(), added);
  }

  /** Everything that is there was looked at. */
  public void seen() {
    there.values().forEach(trade -> awaySince.remove(trade.key()));
  }

  private static boolean holds(List<Trade> trades, String id) {
    return trades.stream().anyMatch(trade -> trade.id().equals(id));
  }

  private long young() {
    return finalThrough() + 1 + random.nextInt((int) confirmation);
  }

  private void reorganise() {
    long from = young();
    Set<String> removed = new HashSet<>();
    List<Trade> added = new ArrayList<>();
    for (Trade trade : List.copyOf(there.values())) {
      if (trade.epochSecond() >= from) {
        removed.add(trade.id());
        switch (random.nextInt(7)) {
          case 0 -> added.add(trade);
          case 1, 2 -> added.add(trade(trade.id(), young()));
          case 3 -> added.add(trade(trade.id(), trade.epochSecond()));
          case 4, 5 -> away.put(trade.id(), trade);
          default -> {}
        }
      }
    }
    change(removed, added);
  }

  /** Rows that were taken away come back where they were, if they still can, or elsewhere. */
  private void comeBack() {
    List<Trade> added = new ArrayList<>();
    for (Trade trade : List.copyOf(away.values())) {
      if (random.nextBoolean()) {
        away.remove(trade.id());
        boolean same = random.nextBoolean() && trade.epochSecond() > finalThrough();
        added.add(same ? trade : trade(trade.id(), young()));
      }
    }
    change(Set.of(), added);
  }

  /** Takes everything away, or puts back what was taken; as when tables are dropped and rebuilt. */
  public void vanish() {
    List<Trade> all = List.copyOf(there.values());
    change(Set.copyOf(there.keySet()), List.of());
    vanished.addAll(all);
  }

  /** Puts back what {@link #vanish()} took. */
  public void reappear() {
    List<Trade> back = vanished.stream().filter(trade -> !there.containsKey(trade.id())).toList();
    back.forEach(trade -> away.remove(trade.id()));
    vanished.clear();
    change(Set.of(), back);
  }

  /** Something that happens below the second that is final: late rows, changes, losses, moves. */
  public void disturb() {
    if (random.nextInt(8) == 0) {
      backfill();
      return;
    }
    List<Trade> old =
        there.values().stream().filter(trade -> trade.epochSecond() <= finalThrough()).toList();
    long second = finalThrough() - random.nextInt(random.nextInt(6) == 0 ? YEARS : 1_500);
    if (old.isEmpty() || random.nextInt(3) == 0) {
      String id = "t" + random.nextInt(ids);
      if (!there.containsKey(id)) {
        away.remove(id);
        disturbed(id, second);
        change(Set.of(), List.of(trade(id, second)));
      }
      return;
    }
    Trade trade = old.get(random.nextInt(old.size()));
    List<Trade> added =
        switch (random.nextInt(3)) {
          case 0 -> List.of();
          case 1 -> List.of(trade(trade.id(), trade.epochSecond()));
          default -> List.of(trade(trade.id(), random.nextBoolean() ? second : young()));
        };
    disturbed(trade.id(), trade.epochSecond());
    added.forEach(moved -> disturbed(moved.id(), moved.epochSecond()));
    change(Set.of(trade.id()), added);
  }

  private void backfill() {
    List<Trade> added = new ArrayList<>();
    for (int i = 0; i < ids; i++) {
      String id = "t" + i;
      if (!there.containsKey(id) && !away.containsKey(id)) {
        Trade trade = trade(id, finalThrough() - random.nextInt(YEARS));
        disturbed(id, trade.epochSecond());
        added.add(trade);
      }
    }
    change(Set.of(), added);
  }

  /**
   * Counts what is away among {@link #disturbedIds()}: when the scope changes, nobody looks any
   * more where it was.
   */
  public void disturbAway() {
    disturbedIds.addAll(away.keySet());
  }

  private void disturbed(String id, long second) {
    disturbedIds.add(id);
    disturbedSeconds.add(second);
  }

  private void change(Collection<String> removed, Collection<Trade> added) {
    for (String id : removed) {
      Trade trade = there.remove(id);
      if (trade != null) {
        past.add(trade);
        awaySince.putIfAbsent(trade.key(), clock.millis());
      }
    }
    for (Trade trade : added) {
      there.put(trade.id(), trade);
    }
    rows.change(removed, added);
  }

  private Trade trade(String id, long second) {
    Trade.Builder trade =
        Trade.builder(id, second, 1, "pool" + Math.floorMod(id.hashCode(), POOLS))
            .price(BigDecimal.valueOf(1 + random.nextInt(9)))
            .side("Buy");
    if (random.nextInt(8) > 0) {
      trade.quantity(BigDecimal.valueOf(1 + random.nextInt(3)));
    }
    return trade.build();
  }

  /**
   * What a stream might deliver now: trades that are there, and some that no longer are.
   *
   * @return trades in any order; one can come twice, and an id at two keys
   */
  public List<Trade> delivered() {
    List<Trade> all = new ArrayList<>(there.values());
    boolean young = random.nextBoolean();
    past.stream().filter(trade -> !young || trade.epochSecond() > finalThrough()).forEach(all::add);
    List<Trade> some = new ArrayList<>();
    int count = all.isEmpty() ? 0 : random.nextInt(8);
    for (int i = 0; i < count; i++) {
      some.add(all.get(random.nextInt(all.size())));
    }
    return some;
  }
}
