package io.tradesync.spi.log;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is handed out to a sink outside the log's transaction. As {@link ClaimRules}, with
 * what is perhaps in the sink counted as being there:
 *
 * <ul>
 *   <li>A trade whose id is perhaps in the sink is never known.
 *   <li>If the content handed out last for the id is to be written again, it is the same change
 *       with the same revision. A force repeats a change of a force only.
 *   <li>Any other change gets a new revision. It replaces the trade at the key at which the sink
 *       holds it, perhaps or certainly; further such keys are retracted, with smaller revisions.
 *   <li>What is perhaps in a sink that cannot replace is handed out again with the same content
 *       only; other content is disputed.
 *   <li>If an id is recorded as gone, and no write of it was handed out since, the retraction of
 *       one of its keys retracts all keys at which it is perhaps in the sink: the source has it at
 *       none of them, and what is left at one would look as if it was written after the retraction.
 *   <li>Otherwise a key is not retracted while the id is processed, or handed out to be written, at
 *       another key that is not retracted by the same request.
 *   <li>A retraction that was handed out before is repeated with its revision. So are several of
 *       one id, if nothing of it is still to be written.
 * </ul>
 */
public final class HandOutRules {

  /**
   * What the log holds, locked until its transaction ends.
   *
   * @param log as for a claim
   * @param handOuts all unanswered hand-outs of the request's ids
   * @param gone those of the request's ids that {@link OrphanTracker} has recorded as gone, and of
   *     which no write was handed out or claimed since
   */
  public record Held(ClaimRules.Held log, Collection<HandOut> handOuts, Set<String> gone) {}

  /**
   * What the log has to record.
   *
   * @param claim what is handed out; a change with revision 0 is new and gets one
   * @param repeated see {@link HandedOut#repeated}
   * @param retracted failed entries that become retracted now; the sink holds nothing there
   * @param settled the keys of known trades whose entries no longer hold a failure
   */
  public record Decision(
      Claim claim, Set<String> repeated, Set<TradeKey> retracted, Set<TradeKey> settled) {

    /** The number of revisions to draw. */
    public int newChanges() {
      return (int) claim.changes().stream().filter(change -> change.revision() == 0).count();
    }

    /** Gives the new changes revisions; see {@link Claim#withRevisions}. */
    public HandedOut withRevisions(long first) {
      return new HandedOut(claim.withRevisions(first), repeated);
    }
  }

  private final ClaimRequest request;
  private final ClaimRules.Held log;
  private final Map<String, List<HandOut>> byId;
  private final Map<TradeKey, HandOut> byKey;
  private final Map<String, List<TradeKey>> retractions;
  private final Set<String> gone;
  private final List<TradeChange> changes = new ArrayList<>();
  private final List<Trade> known = new ArrayList<>();
  private final List<Trade> disputed = new ArrayList<>();
  private final Set<TradeKey> left = new HashSet<>();
  private final Set<TradeKey> retracted = new LinkedHashSet<>();
  private final Set<TradeKey> settled = new LinkedHashSet<>();

  private HandOutRules(ClaimRequest request, Held held) {
    this.request = request;
    this.log = held.log;
    this.byId = held.handOuts.stream().collect(groupingBy(handOut -> handOut.key().id()));
    this.byKey = held.handOuts.stream().collect(toMap(HandOut::key, handOut -> handOut));
    this.retractions = request.retractions().stream().collect(groupingBy(TradeKey::id));
    this.gone = new HashSet<>(held.gone);
    request.trades().forEach(trade -> gone.remove(trade.id()));
  }

  /** Decides what is handed out. */
  public static Decision decide(ClaimRequest request, Held held) {
    HandOutRules rules = new HandOutRules(request, held);
    request.trades().forEach(rules::decide);
    request.retractions().forEach(rules::retract);
    rules.changes.sort(Comparator.comparing(TradeChange::key));
    Set<String> repeated = new HashSet<>(rules.byId.keySet());
    return new Decision(
        new Claim(rules.changes, rules.known, rules.disputed),
        repeated,
        rules.retracted,
        rules.settled);
  }

  private List<HandOut> handOuts(String id) {
    return byId.getOrDefault(id, List.of());
  }

  private boolean isInSink(TradeKey key) {
    return log.isProcessed(key) || byKey.containsKey(key);
  }

  private void decide(Trade trade) {
    Set<TradeKey> others = otherKeys(trade);
    List<TradeKey> leaves = others.stream().filter(this::isInSink).toList();
    boolean isKnown =
        request.mode() != ClaimMode.FORCE
            && log.isProcessedAs(trade)
            && handOuts(trade.id()).isEmpty()
            && leaves.isEmpty();
    if (isKnown && others.isEmpty()) {
      isKnown(trade);
    } else if (isDisputed(trade, others, isKnown)) {
      disputed.add(trade);
    } else {
      others.stream().filter(log::isFailed).filter(key -> !isInSink(key)).forEach(retracted::add);
      if (isKnown) {
        isKnown(trade);
      } else {
        left.addAll(leaves);
        handOut(trade, leaves);
      }
    }
  }

  private void isKnown(Trade trade) {
    known.add(trade);
    LogEntry entry = log.entries().get(trade.key());
    if (entry != null && entry.failure() != null && request.mode() != ClaimMode.NEW) {
      settled.add(trade.key());
    }
  }

  /** The other keys at which the log has an id, where it is perhaps, and that it has to leave. */
  private Set<TradeKey> otherKeys(Trade trade) {
    Set<TradeKey> others = new LinkedHashSet<>();
    TradeKey tracked = log.otherKeys().get(trade.key());
    if (tracked != null) {
      others.add(tracked);
    }
    handOuts(trade.id()).forEach(handOut -> others.add(handOut.key()));
    if (ClaimRules.canMove(request)) {
      others.addAll(retractions.getOrDefault(trade.id(), List.of()));
    }
    others.remove(trade.key());
    return others;
  }

  private boolean isDisputed(Trade trade, Set<TradeKey> others, boolean isKnown) {
    if (!others.isEmpty() && !ClaimRules.canMove(request)) {
      return true;
    }
    HandOut here = byKey.get(trade.key());
    boolean isSameContent = here != null && here.isOf(trade.fingerprint());
    LogEntry entry = log.entries().get(trade.key());
    if (request.mode() == ClaimMode.NEW
        && (!ClaimRules.canBeNew(request.mode(), trade, log.finalThrough())
            || (here != null && !isSameContent)
            || (entry != null && entry.status() != EntryStatus.ERROR))) {
      return true;
    }
    boolean needsReplace =
        log.isProcessed(trade.key()) || (here != null && !(isSameContent && isLast(here)));
    return !isKnown && needsReplace && !request.capabilities().contains(SinkCapability.REPLACE);
  }

  private boolean isLast(HandOut handOut) {
    return handOuts(handOut.key().id()).stream()
        .allMatch(other -> other.revision() <= handOut.revision());
  }

  private void handOut(Trade trade, List<TradeKey> leaves) {
    HandOut here = byKey.get(trade.key());
    if (here != null && isRepeated(trade, here, leaves)) {
      Long oldSecond = here.oldSecond();
      changes.add(
          oldSecond == null
              ? new TradeChange.Insert(trade, here.revision())
              : new TradeChange.Replace(
                  new TradeKey(oldSecond, trade.id()), trade, here.revision()));
      leaves.stream()
          .map(byKey::get)
          .filter(leaving -> leaving != null && leaving.revision() != here.revision())
          .forEach(
              leaving -> changes.add(new TradeChange.Retract(leaving.key(), leaving.revision())));
      return;
    }
    boolean replacesItself = isInSink(trade.key());
    changes.add(
        replacesItself
            ? new TradeChange.Replace(trade.key(), trade)
            : leaves.isEmpty()
                ? new TradeChange.Insert(trade)
                : new TradeChange.Replace(leaves.get(0), trade));
    leaves.stream()
        .skip(replacesItself ? 0 : 1)
        .forEach(key -> changes.add(new TradeChange.Retract(key)));
  }

  private boolean isRepeated(Trade trade, HandOut here, List<TradeKey> leaves) {
    return here.isOf(trade.fingerprint())
        && isLast(here)
        && (request.mode() != ClaimMode.FORCE || here.forced())
        && leaves.stream()
            .map(byKey::get)
            .allMatch(leaving -> leaving != null && !leaving.isWrite());
  }

  private void retract(TradeKey key) {
    if (left.contains(key)) {
      return;
    }
    if (!isInSink(key)) {
      if (log.isFailed(key)) {
        retracted.add(key);
      }
    } else if (gone.contains(key.id()) || !isWrittenElsewhere(key)) {
      Set<TradeKey> keys = retractedTogether(key);
      left.addAll(keys);
      boolean isRepeated = isRepeated(keys);
      for (TradeKey each : keys) {
        HandOut here = byKey.get(each);
        changes.add(
            new TradeChange.Retract(each, isRepeated && here != null ? here.revision() : 0));
      }
    }
  }

  /** A key, and if its id is gone from the source, all others at which the sink may hold it. */
  private Set<TradeKey> retractedTogether(TradeKey key) {
    Set<TradeKey> keys = new LinkedHashSet<>(List.of(key));
    if (gone.contains(key.id())) {
      handOuts(key.id()).forEach(handOut -> keys.add(handOut.key()));
      TradeKey tracked = log.otherKeys().get(key);
      if (tracked != null && log.isProcessed(tracked)) {
        keys.add(tracked);
      }
    }
    return keys;
  }

  private boolean isRepeated(Set<TradeKey> keys) {
    List<HandOut> ofKeys = keys.stream().map(byKey::get).filter(Objects::nonNull).toList();
    long newest = ofKeys.stream().mapToLong(HandOut::revision).max().orElse(0);
    return ofKeys.size() == keys.size()
        && ofKeys.stream().noneMatch(HandOut::isWrite)
        && handOuts(ofKeys.get(0).key().id()).stream()
            .allMatch(other -> keys.contains(other.key()) || other.revision() < newest);
  }

  private boolean isWrittenElsewhere(TradeKey key) {
    List<TradeKey> alsoRetracted = retractions.getOrDefault(key.id(), List.of());
    @Nullable TradeKey tracked = log.otherKeys().get(key);
    return (tracked != null && log.isProcessed(tracked) && !alsoRetracted.contains(tracked))
        || handOuts(key.id()).stream()
            .anyMatch(
                other ->
                    other.isWrite()
                        && !other.key().equals(key)
                        && !alsoRetracted.contains(other.key()));
  }

  /**
   * Returns which changes may still be carried out: those that are the last ones of their ids. A
   * retraction may also be followed by other retractions, and by a write of the same changes.
   *
   * @param changes changes that were handed out together
   * @param handOuts all unanswered hand-outs of their ids now
   */
  public static List<TradeChange> current(List<TradeChange> changes, Collection<HandOut> handOuts) {
    Map<String, List<HandOut>> byId =
        handOuts.stream().collect(groupingBy(handOut -> handOut.key().id()));
    Map<TradeKey, Long> written =
        changes.stream()
            .filter(change -> change.after().isPresent())
            .collect(toMap(TradeChange::key, TradeChange::revision));
    return changes.stream()
        .filter(
            change -> {
              List<HandOut> ofId = byId.getOrDefault(change.key().id(), List.of());
              return ofId.stream()
                      .anyMatch(
                          own ->
                              own.key().equals(change.key()) && own.revision() == change.revision())
                  && ofId.stream()
                      .filter(other -> other.revision() > change.revision())
                      .allMatch(
                          later ->
                              change.after().isEmpty()
                                  && (!later.isWrite()
                                      || Long.valueOf(later.revision())
                                          .equals(written.get(later.key()))));
            })
        .toList();
  }
}
