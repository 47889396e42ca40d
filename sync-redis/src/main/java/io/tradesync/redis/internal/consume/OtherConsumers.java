package io.tradesync.redis.internal.consume;

import io.tradesync.redis.internal.client.Timer;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.format.OneLine;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the other consumers of the group: reports those of another service, decides whether one
 * of them explains a change of the group, and removes names that nobody uses any more. Used by one
 * thread.
 */
final class OtherConsumers {

  private static final Logger LOG = LoggerFactory.getLogger(OtherConsumers.class);

  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);

  /** Redis counts idle time in whole milliseconds by a clock of its own. */
  private static final Duration CLOCK_MARGIN = Duration.ofMillis(100);

  private static final int SHOWN_CHARACTERS = 100;

  private final ConsumerGroup group;
  private final ConsumerSettings settings;
  private final FeedCounters counters;
  private final Timer look = Timer.due();

  /** The names of other consumers at the last look, by stream. */
  private final Map<String, Set<String>> known = new HashMap<>();

  OtherConsumers(ConsumerGroup group, ConsumerSettings settings, FeedCounters counters) {
    this.group = group;
    this.settings = settings;
    this.counters = counters;
  }

  /**
   * Looks at the names in the group, if that is due.
   *
   * @return the losses of entries that a name took with it when it was removed
   */
  List<Loss> lookAt(Collection<String> streams) {
    if (!look.isDue()) {
      return List.of();
    }
    look.restart(
        settings.removeConsumersAfter().compareTo(LOOK_INTERVAL) < 0
            ? settings.removeConsumersAfter()
            : LOOK_INTERVAL);
    List<Loss> losses = new ArrayList<>();
    for (String stream : streams) {
      for (ConsumerGroup.Member member : members(stream)) {
        if (member.pending() == 0 && member.idle().compareTo(settings.removeConsumersAfter()) > 0) {
          LOG.debug(
              "consumer {} of stream {} is gone for long, so it is removed",
              shown(member.name()),
              stream);
          group.remove(stream, member.name()).ifPresent(losses::add);
        }
      }
    }
    return losses;
  }

  /** The loss that a change of the group is; empty if another consumer of the service made it. */
  Optional<Loss> lossBy(String stream, GroupLedger.Change change) {
    EntryId position = change.position();
    if (position != null && group.isPending(stream, position)) {
      // This consumer read up to there over a connection that was lost before the answer came.
      return Optional.empty();
    }
    Set<String> before = known.getOrDefault(stream, Set.of());
    List<ConsumerGroup.Member> members = members(stream);
    // Up to this moment: idle times are those of now, not of when the change was seen.
    Duration sinceLook = Duration.ofNanos(System.nanoTime() - change.lastLookNanos());
    // An acknowledgement does not end a consumer's idle time; its last read may be a write ago.
    Duration since =
        position != null || sinceLook.compareTo(settings.claimAfter()) > 0
            ? sinceLook
            : settings.claimAfter();
    Set<String> active = new HashSet<>(before);
    members.forEach(member -> active.remove(member.name()));
    // Whose name is gone left since the last look; whose name is there tells its idle time.
    members.stream()
        .filter(member -> member.idle().compareTo(since.plus(CLOCK_MARGIN)) <= 0)
        .forEach(member -> active.add(member.name()));
    Optional<String> foreign = active.stream().filter(this::isForeign).sorted().findFirst();
    if (foreign.isPresent()) {
      return skipped(
          change.what()
              + ": consumer "
              + shown(foreign.get())
              + " of another service reads it too");
    }
    return active.isEmpty() ? skipped(change.what()) : Optional.empty();
  }

  private static Optional<Loss> skipped(String reason) {
    return Optional.of(new Loss(LossKind.SKIPPED, reason));
  }

  private List<ConsumerGroup.Member> members(String stream) {
    List<ConsumerGroup.Member> members = group.others(stream);
    Set<String> names = new HashSet<>();
    for (ConsumerGroup.Member member : members) {
      names.add(member.name());
      boolean isNew = !known.getOrDefault(stream, Set.of()).contains(member.name());
      if (isNew && isForeign(member.name()) && counters.foreign.add(stream + " " + member.name())) {
        LOG.warn(
            "group {} of stream {} has consumer {}, which is none of service {}: each gets a part"
                + " of the entries only; give each service a group of its own",
            settings.group(),
            stream,
            shown(member.name()),
            settings.service());
      }
    }
    known.put(stream, names);
    return members;
  }

  private boolean isForeign(String name) {
    return !name.startsWith(settings.service());
  }

  private static String shown(String name) {
    return OneLine.of(name, SHOWN_CHARACTERS);
  }
}
