package io.tradesync.spi.log;

import static java.util.stream.Collectors.groupingBy;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of the trades and retractions of a claim. Every log uses it, so that all of
 * them decide alike. A pure function: the log looks up what the rules need under its locks, and
 * records the decision in the same transaction.
 *
 * <p>For each trade, the first rule that applies:
 *
 * <ol>
 *   <li><b>Known</b>: the entry is processed with the same content and the id is at no other key,
 *       unless the mode is {@link ClaimMode#FORCE}. Nothing is written. A failure that the entry
 *       holds is settled, unless the mode is {@link ClaimMode#NEW}.
 *   <li><b>Disputed</b>: the id is at another key, unless the mode is {@link ClaimMode#CONFIRMED}
 *       and the sink can replace and retract.
 *   <li><b>Disputed</b>, in {@link ClaimMode#NEW}: the trade is final, or its entry is processed or
 *       retracted.
 *   <li><b>Disputed</b>: the entry is processed, the trade is to be written, and the sink cannot
 *       replace.
 *   <li><b>Written</b>: the entry becomes processed with this content. The sink gets a {@link
 *       TradeChange.Replace} of this key if the entry was processed, else of the id's other key if
 *       that was processed, else a {@link TradeChange.Insert}. The trade is known instead, and not
 *       written, if its entry is processed with the same content.
 *   <li>After the rule before this one: the entry at the id's other key becomes retracted. The sink
 *       gets a {@link TradeChange.Retract} of it if it was processed and nothing replaced it.
 * </ol>
 *
 * <p>An entry that is to be retracted becomes so whatever its status; the sink gets a {@link
 * TradeChange.Retract} if it was processed. If the changes get revisions, a processed entry stays
 * if the id is processed at another key: a run then finds the trade there and replaces the old key.
 */
public final class ClaimRules {

  /**
   * What the log holds before the claim, locked until its transaction ends.
   *
   * @param entries the entries of the trades, of the retractions, and at the other keys; a key
   *     without an entry is absent
   * @param otherKeys by the key of a trade, the other key at which the log has its id; a trade
   *     whose id is at no other key is absent. If the changes get revisions, also by the key of a
   *     retraction
   * @param finalThrough the second that was announced to {@link Verification#begin}; {@link
   *     Long#MIN_VALUE} if none was
   */
  public record Held(
      Map<TradeKey, LogEntry> entries, Map<TradeKey, TradeKey> otherKeys, long finalThrough) {

    private @Nullable EntryStatus status(TradeKey key) {
      LogEntry entry = entries.get(key);
      return entry == null ? null : entry.status();
    }

    boolean isFailed(TradeKey key) {
      return status(key) == EntryStatus.ERROR;
    }

    boolean isProcessed(TradeKey key) {
      return status(key) == EntryStatus.PROCESSED;
    }

    boolean isProcessedAs(Trade trade) {
      LogEntry entry = entries.get(trade.key());
      return entry != null
          && entry.status() == EntryStatus.PROCESSED
          && entry.fingerprint() == trade.fingerprint();
    }
  }

  /**
   * What the log has to record.
   *
   * @param claim what became of the claim
   * @param processed the trades whose entries become processed with their content, in key order; an
   *     entry that was processed before keeps its attempts, and no longer holds a failure
   * @param retracted the keys whose entries become retracted; each has an entry
   * @param settled the keys of known trades whose entries no longer hold a failure
   */
  public record Decision(
      Claim claim, List<Trade> processed, Set<TradeKey> retracted, Set<TradeKey> settled) {}

  private final ClaimRequest request;
  private final Held held;
  private final List<TradeChange> changes = new ArrayList<>();
  private final List<Trade> known = new ArrayList<>();
  private final List<Trade> disputed = new ArrayList<>();
  private final List<Trade> processed = new ArrayList<>();
  private final Set<TradeKey> retracted = new LinkedHashSet<>();
  private final Map<String, List<TradeKey>> retractions;
  private final Set<TradeKey> settled = new LinkedHashSet<>();

  private ClaimRules(ClaimRequest request, Held held) {
    this.request = request;
    this.held = held;
    this.retractions = request.retractions().stream().collect(groupingBy(TradeKey::id));
  }

  /** Decides on a claim. */
  public static Decision decide(ClaimRequest request, Held held) {
    ClaimRules rules = new ClaimRules(request, held);
    request.trades().forEach(rules::decide);
    for (TradeKey key : request.retractions()) {
      if (rules.isWrittenElsewhere(key)) {
        continue;
      }
      if (rules.retract(key) && held.isProcessed(key)) {
        rules.changes.add(new TradeChange.Retract(key));
      }
    }
    rules.changes.sort(Comparator.comparing(TradeChange::key));
    Claim claim = new Claim(rules.changes, rules.known, rules.disputed);
    return new Decision(claim, rules.processed, rules.retracted, rules.settled);
  }

  /** Returns whether a claim may move an id from one key to another. */
  public static boolean canMove(ClaimRequest request) {
    return request.mode() == ClaimMode.CONFIRMED
        && can(request, SinkCapability.REPLACE)
        && can(request, SinkCapability.RETRACT);
  }

  /**
   * Returns whether a trade that the log does not hold may be recorded as processed, if its id is
   * at no other key.
   */
  public static boolean canBeNew(ClaimMode mode, Trade trade, long finalThrough) {
    return mode != ClaimMode.NEW || trade.epochSecond() > finalThrough;
  }

  private static boolean can(ClaimRequest request, SinkCapability capability) {
    return request.capabilities().contains(capability);
  }

  private void decide(Trade trade) {
    TradeKey otherKey = held.otherKeys.get(trade.key());
    List<TradeKey> left = keysToLeave(trade, otherKey);
    boolean isRewritten = request.revisions() && left.stream().anyMatch(held::isProcessed);
    boolean isKnown =
        request.mode() != ClaimMode.FORCE && held.isProcessedAs(trade) && !isRewritten;
    if (isKnown && left.isEmpty()) {
      known(trade);
    } else if (isDisputed(trade, otherKey, isKnown)) {
      disputed.add(trade);
    } else {
      boolean isInSink = held.isProcessed(trade.key());
      List<TradeKey> leftInSink =
          left.stream().filter(this::retract).filter(held::isProcessed).toList();
      if (isKnown) {
        known(trade);
      } else {
        processed.add(trade);
        changes.add(
            isInSink
                ? new TradeChange.Replace(trade.key(), trade)
                : leftInSink.isEmpty()
                    ? new TradeChange.Insert(trade)
                    : new TradeChange.Replace(leftInSink.get(0), trade));
      }
      leftInSink.stream()
          .skip(isInSink || isKnown ? 0 : 1)
          .forEach(key -> changes.add(new TradeChange.Retract(key)));
    }
  }

  /** The other keys that a trade leaves if it is written. */
  private List<TradeKey> keysToLeave(Trade trade, @Nullable TradeKey otherKey) {
    List<TradeKey> keys = new ArrayList<>();
    if (otherKey != null) {
      keys.add(otherKey);
    }
    if (request.revisions() && canMove(request)) {
      retractions.getOrDefault(trade.id(), List.of()).stream()
          .filter(key -> !key.equals(otherKey))
          .forEach(keys::add);
    }
    return keys;
  }

  private void known(Trade trade) {
    known.add(trade);
    LogEntry entry = held.entries.get(trade.key());
    // A live path's content was not compared with the source's.
    if (request.mode() != ClaimMode.NEW && entry != null && entry.failure() != null) {
      settled.add(trade.key());
    }
  }

  private boolean isDisputed(Trade trade, @Nullable TradeKey otherKey, boolean isKnown) {
    if (otherKey != null && !canMove(request)) {
      return true;
    }
    EntryStatus status = held.status(trade.key());
    if (request.mode() == ClaimMode.NEW
        && (!canBeNew(request.mode(), trade, held.finalThrough)
            || status == EntryStatus.PROCESSED
            || status == EntryStatus.RETRACTED)) {
      return true;
    }
    return !isKnown && status == EntryStatus.PROCESSED && !can(request, SinkCapability.REPLACE);
  }

  // A sink that goes by revisions would take the retraction for newer than that write.
  private boolean isWrittenElsewhere(TradeKey retraction) {
    TradeKey otherKey = held.otherKeys.get(retraction);
    return request.revisions()
        && held.isProcessed(retraction)
        && otherKey != null
        && held.isProcessed(otherKey);
  }

  /** Returns whether the log holds an entry there that becomes retracted now. */
  private boolean retract(TradeKey key) {
    EntryStatus status = held.status(key);
    return status != null && status != EntryStatus.RETRACTED && retracted.add(key);
  }
}
