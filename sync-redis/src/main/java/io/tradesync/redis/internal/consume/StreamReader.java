package io.tradesync.redis.internal.consume;

import io.tradesync.TradesyncException;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.internal.loss.LossKind;
import io.tradesync.redis.internal.client.Backoff;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossDetector;
import io.tradesync.redis.internal.loss.LossResponder;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads some streams over one connection and delivers what they hold, on one thread, until it is
 * closed, whatever happens. In a cluster each stream has a reader of its own.
 */
public final class StreamReader {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  // What was read together is written together, which costs less than one after the other.
  private static final int READS_AHEAD = 2;

  private static final long BACKLOG_AGE_NANOS = Duration.ofSeconds(5).toNanos();

  private final RedisLink link;
  private final ConsumerSettings settings;
  private final @Nullable String only;
  private final LiveWriter liveWriter;
  private final PauseControl gate;
  private final FeedCounters counters;
  private final LossDetector watch;
  private final DeadLetters deadLetters;
  private final LossResponder losses;
  private final Backoff backoff;

  private volatile @Nullable String downBecause = "not connected yet";
  private volatile ConsumerGroup.@Nullable Backlog backlog;
  private final Set<String> followed = new ConcurrentSkipListSet<>();
  private @Nullable String identity;
  private long nextBacklogNanos;
  private long nextClaimNanos;
  private long nextDiscoveryNanos;

  /**
   * Makes a reader.
   *
   * @param only the one stream that it reads, null for all that the settings name
   */
  public StreamReader(
      RedisLink link,
      ConsumerSettings settings,
      @Nullable String only,
      LiveWriter liveWriter,
      PauseControl gate,
      FeedCounters counters,
      LossDetector watch,
      DeadLetters deadLetters) {
    this.link = link;
    this.settings = settings;
    this.only = only;
    this.liveWriter = liveWriter;
    this.gate = gate;
    this.counters = counters;
    this.watch = watch;
    this.deadLetters = deadLetters;
    this.losses = new LossResponder(liveWriter, counters, settings.rereadLimit());
    this.backoff = new Backoff(settings.maxRetryDelay());
  }

  /** Why it is not up, null if it is. */
  public @Nullable String downBecause() {
    return downBecause;
  }

  /** The streams that it reads now. */
  public Set<String> streams() {
    return Set.copyOf(followed);
  }

  /** What the group had left when it was last asked. */
  public ConsumerGroup.@Nullable Backlog backlog() {
    return backlog;
  }

  /** Runs until the gate is closed. */
  public void run() {
    while (!gate.isClosed()) {
      try (ConsumerGroup group = connect()) {
        serve(group);
        if (!settings.named()) {
          leave(group);
        }
      } catch (RuntimeException | Error e) {
        down(e);
        gate.rest(backoff.next().toNanos());
      }
    }
  }

  private ConsumerGroup connect() {
    ConsumerGroup group = ConsumerGroup.open(link, only, settings.consumer(), settings.blockTime());
    try {
      identity = group.server().identity();
      Set<String> wanted = new LinkedHashSet<>(only == null ? settings.streams() : Set.of(only));
      wanted.addAll(discovered(group));
      answerVanished(wanted);
      follow(group, wanted);
      nextClaimNanos = System.nanoTime();
      nextBacklogNanos = System.nanoTime();
      return group;
    } catch (RuntimeException | Error e) {
      group.close();
      throw e;
    }
  }

  private Set<String> discovered(ConsumerGroup group) {
    nextDiscoveryNanos = System.nanoTime() + settings.discoveryInterval().toNanos();
    if (only != null) {
      return Set.of();
    }
    Set<String> found = group.find(settings.patterns());
    found.remove(settings.deadLetters());
    return found;
  }

  /** A stream that was found by a pattern may be there no more. */
  private void answerVanished(Set<String> wanted) {
    List<String> vanished = followed.stream().filter(stream -> !wanted.contains(stream)).toList();
    vanished.forEach(watch::forget);
    vanished.forEach(followed::remove);
    losses.lost(
        vanished.stream()
            .map(stream -> new Loss(LossKind.GONE, "stream " + stream + " was gone"))
            .toList());
  }

  /**
   * Begins to read streams, and answers what became of them since they were last seen: at once,
   * since whatever fails next must not make it forgotten.
   */
  private void follow(ConsumerGroup group, Set<String> wanted) {
    List<Loss> lost = new ArrayList<>();
    wanted.forEach(stream -> watch.connected(stream, identity).ifPresent(lost::add));
    losses.lost(lost);
    for (String stream : wanted) {
      if (group.ensure(stream, ConsumerGroup.BEGINNING)) {
        answerMissingGroup(stream);
        watch.groupMade(stream, group.state(stream));
      } else {
        look(group, Set.of(stream));
      }
      group.add(stream);
      followed.add(stream);
    }
  }

  /**
   * Tells what is lost, while the group has yet to be read past it: whoever dies just after that
   * tells nobody.
   */
  private void look(ConsumerGroup group, Set<String> streams) {
    List<Loss> lost = new ArrayList<>();
    streams.forEach(stream -> watch.look(stream, group.state(stream)).ifPresent(lost::add));
    losses.lost(lost);
  }

  private void answerMissingGroup(String stream) {
    String named = "group " + settings.consumer().getGroup() + " of stream " + stream;
    if (watch.knows(stream)) {
      losses.lost(List.of(new Loss(LossKind.GONE, named + " was gone")));
    } else {
      LOG.info("{} was not there; reading from the beginning", named);
      losses.compare("what stream " + stream + " held before it was followed");
    }
  }

  private void serve(ConsumerGroup group) {
    EntryDelivery delivery =
        new EntryDelivery(group, liveWriter, settings, counters, deadLetters, losses);
    while (true) {
      gate.awaitOpen();
      if (!gate.enter()) {
        if (gate.isClosed()) {
          return;
        }
        continue;
      }
      boolean idle = false;
      @Nullable RuntimeException failure = null;
      try {
        // What was read is delivered before a pause or the end.
        do {
          idle = step(group, delivery);
        } while (group.isReadAhead());
      } catch (EntryDelivery.WriterFailedException e) {
        failure = e;
      } finally {
        gate.leave();
      }
      if (failure != null) {
        down(failure.getCause() == null ? failure : failure.getCause());
        rest(group, delivery, backoff.next());
      } else if (idle) {
        awaitNews(group, delivery);
      }
    }
  }

  /** Does what there is to do; tells whether that was nothing. */
  private boolean step(ConsumerGroup group, EntryDelivery delivery) {
    losses.lookAgain();
    discover(group);
    observe(group);
    List<StreamEntry> entries = takeAhead(group);
    if (entries.isEmpty() && !delivery.isUnfinished() && !delivery.isFull()) {
      entries = next(group);
    }
    delivery.take(entries);
    boolean isBacklog = entries.size() >= settings.batchSize();
    if (isBacklog && !delivery.isWaiting() && gate.isOpen()) {
      readAhead(group);
    }
    try {
      delivery.attempt();
    } catch (EntryDelivery.WriterFailedException e) {
      delivery.take(takeAhead(group));
      throw e;
    }
    up();
    return entries.isEmpty();
  }

  // The answers are looked at only after a write, which may take long.
  private void readAhead(ConsumerGroup group) {
    look(group, group.streams());
    for (int i = 0; i < READS_AHEAD; i++) {
      group.readAhead(settings.batchSize());
    }
  }

  private List<StreamEntry> takeAhead(ConsumerGroup group) {
    List<StreamEntry> entries = new ArrayList<>();
    while (group.isReadAhead()) {
      entries.addAll(readNew(group));
    }
    return entries;
  }

  private void discover(ConsumerGroup group) {
    if (only == null
        && !settings.patterns().isEmpty()
        && System.nanoTime() - nextDiscoveryNanos >= 0) {
      Set<String> found = discovered(group);
      found.removeAll(group.streams());
      follow(group, found);
    }
  }

  /** This consumer's own entries first, then those that others left behind, then new ones. */
  private List<StreamEntry> next(ConsumerGroup group) {
    List<StreamEntry> entries = group.readPending(settings.batchSize());
    if (entries.isEmpty() && System.nanoTime() - nextClaimNanos >= 0) {
      entries = group.claim(settings.claimAfter(), settings.batchSize());
      counters.claimed.addAndGet(entries.size());
      if (entries.isEmpty()) {
        nextClaimNanos = System.nanoTime() + settings.claimAfter().toNanos() / 2;
      }
    }
    return entries.isEmpty() ? readNew(group) : entries;
  }

  private List<StreamEntry> readNew(ConsumerGroup group) {
    List<Loss> lost = new ArrayList<>();
    List<StreamEntry> entries =
        group.readNew(
            settings.batchSize(),
            (stream, state) -> watch.look(stream, state).ifPresent(lost::add));
    entries.forEach(entry -> watch.read(entry.stream(), EntryId.parse(entry.id())));
    losses.lost(lost);
    return entries;
  }

  private void awaitNews(ConsumerGroup group, EntryDelivery delivery) {
    Duration idle = losses.idleTime(delivery.idleTime(settings.blockTime()));
    if (delivery.isFull() || group.streams().isEmpty()) {
      gate.rest(idle.toNanos());
    } else {
      group.awaitNews(idle);
    }
  }

  /** Waits, and sees to it that nobody claims what is still worked on. */
  private void rest(ConsumerGroup group, EntryDelivery delivery, Duration time) {
    if (System.nanoTime() - nextClaimNanos >= 0) {
      group.keep(delivery.held());
      nextClaimNanos = System.nanoTime() + settings.claimAfter().toNanos() / 3;
    }
    gate.rest(time.toNanos());
  }

  private void observe(ConsumerGroup group) {
    long now = System.nanoTime();
    if (now - nextBacklogNanos >= 0) {
      backlog = group.backlog();
      nextBacklogNanos = now + BACKLOG_AGE_NANOS;
    }
  }

  // Nobody else will use the random name; left in the group it would stay there for ever.
  private static void leave(ConsumerGroup group) {
    try {
      group.leave();
    } catch (TradesyncException e) {
      LOG.debug("the consumer stays in its group", e);
    }
  }

  private void up() {
    backoff.reset();
    if (downBecause != null) {
      downBecause = null;
      LOG.info("the live feed of {} is up", this);
    }
  }

  private void down(Throwable failure) {
    boolean known = failure instanceof TradesyncException;
    String reason = known ? String.valueOf(failure.getMessage()) : failure.toString();
    if (gate.isClosed()) {
      LOG.debug("the live feed of {} was closed meanwhile", this, failure);
    } else if (reason.equals(downBecause)) {
      LOG.debug("the live feed of {} is still down", this, failure);
    } else if (known) {
      LOG.warn("the live feed of {} is down and keeps trying: {}", this, reason);
    } else {
      LOG.error("the live feed of {} is down and keeps trying", this, failure);
    }
    downBecause = reason;
  }

  /** The streams, as they were named. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>(only == null ? settings.streams() : List.of(only));
    if (only == null) {
      names.addAll(settings.patterns());
    }
    return names.toString();
  }
}
