package io.tradesync;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Some chains and some pools. A trade is selected if its chain and its pool both are. Immutable.
 *
 * @param chains the ids of the chains, in ascending order; empty for every chain
 * @param pools the pools as the source writes them, compared letter by letter; empty for every pool
 */
public record TradeSelection(Set<Long> chains, Set<String> pools) implements Serializable {

  /** Every trade. */
  public static final TradeSelection ALL = new TradeSelection(Set.of(), Set.of());

  /**
   * Copies the sets.
   *
   * @throws InvalidSettingException if a pool is empty; names {@code pools}
   */
  public TradeSelection {
    chains = sorted(chains);
    pools = sorted(pools);
    if (pools.contains("")) {
      throw new InvalidSettingException("pools", pools, "must not contain an empty name");
    }
  }

  private static <T extends Comparable<T>> SortedSet<T> sorted(Collection<T> elements) {
    return Collections.unmodifiableSortedSet(new TreeSet<>(elements));
  }

  /** Returns a selection of the same pools on some chains; without an id, on every chain. */
  public TradeSelection withChains(long... ids) {
    return new TradeSelection(Arrays.stream(ids).boxed().collect(Collectors.toSet()), pools);
  }

  /** Returns a selection of some pools on the same chains; without a pool, of every pool. */
  public TradeSelection withPools(String... names) {
    return new TradeSelection(chains, Set.copyOf(List.of(names)));
  }

  /** Returns whether every trade is selected. */
  public boolean isAll() {
    return chains.isEmpty() && pools.isEmpty();
  }

  /** Returns whether a trade is selected. */
  public boolean contains(Trade trade) {
    return (chains.isEmpty() || chains.contains(trade.chainId()))
        && (pools.isEmpty() || pools.contains(trade.poolId()));
  }

  /** Returns whether this selects every trade that another selection selects, whatever exists. */
  public boolean containsAll(TradeSelection other) {
    return containsAll(chains, other.chains) && containsAll(pools, other.pools);
  }

  private static <T> boolean containsAll(Set<T> some, Set<T> others) {
    return some.isEmpty() || (!others.isEmpty() && some.containsAll(others));
  }

  /**
   * Returns a part of this selection. What the part leaves open is as in this one.
   *
   * @throws InvalidSettingException if the part names a chain or a pool that is not selected; names
   *     {@code chains} or {@code pools}
   */
  public TradeSelection part(TradeSelection part) {
    return new TradeSelection(
        part("chains", chains, part.chains), part("pools", pools, part.pools));
  }

  private static <T> Set<T> part(String name, Set<T> whole, Set<T> part) {
    if (part.isEmpty()) {
      return whole;
    }
    if (!whole.isEmpty() && !whole.containsAll(part)) {
      throw new InvalidSettingException(
          name, part, "must be in scope, which has the " + name + " " + whole);
    }
    return part;
  }

  /** Returns the chains and pools in words, as the end of a sentence. */
  @Override
  public String toString() {
    if (isAll()) {
      return "all chains and pools";
    }
    return (chains.isEmpty() ? "" : "chains " + chains)
        + (chains.isEmpty() || pools.isEmpty() ? "" : ", ")
        + (pools.isEmpty() ? "" : "pools " + pools);
  }
}
