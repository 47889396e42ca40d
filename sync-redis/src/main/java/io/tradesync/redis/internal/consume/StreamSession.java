package io.tradesync.redis.internal.consume;

import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.Timer;
import io.tradesync.redis.internal.consume.NewEntries.Look;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossDetector;
import io.tradesync.redis.internal.loss.LossKind;
import io.tradesync.redis.internal.loss.LossResponder;
import io.tradesync.redis.internal.loss.StreamState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads streams over one connection until it is lost, and delivers their entries. Used by one
 * thread.
 */
final class StreamSession implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamSession.class);

  // The live writer gets the entries of all these reads at once, which is faster than one by one.
  private static final int READS_AHEAD = 2;

  private static final Duration BACKLOG_INTERVAL = Duration.ofSeconds(5);

  private final FeedContext context;
  private final ConsumerSettings settings;
  private final LossDetector detector;
  private final GroupLedger ledger;
  private final LossResponder losses;
  private final UnusableStreams unusable;
  private final @Nullable String only;

  private final ConsumerGroup group;
  private final @Nullable String server;
  private final PendingEntries pendingEntries;
  private final IdleEntries idleEntries;
  private final NewEntries newEntries;
  private final OtherConsumers others;
  private final DeferredEntries deferred;
  private final ReadSize readSize;
  private final Acknowledger acknowledger;
  private final EntryDelivery delivery;

  private final Timer discovery = Timer.due();
  private final Timer backlog = Timer.due();
  private final Timer claim = Timer.due();

  /** The number of entries that were taken and not offered yet. */
  private int taken;

  /**
   * Connects.
   *
   * @param only the stream that is read; null for all streams of the settings
   */
  StreamSession(
      FeedContext context,
      LossResponder losses,
      UnusableStreams unusable,
      WriterThread writerThread,
      @Nullable String only) {
    this.context = context;
    this.settings = context.settings();
    this.detector = context.detector();
    this.ledger = context.ledger();
    this.losses = losses;
    this.unusable = unusable;
    this.only = only;
    this.group = ConsumerGroup.open(context.link(), only, settings);
    this.pendingEntries = new PendingEntries(group);
    this.idleEntries = new IdleEntries(group, ledger, settings.claimAfter());
    this.newEntries = new NewEntries(group, ledger);
    this.deferred = new DeferredEntries(group);
    this.readSize = new ReadSize(settings.batchSize());
    this.others = new OtherConsumers(group, settings, context.counters());
    this.acknowledger = new Acknowledger(group, ledger);
    this.delivery = new EntryDelivery(context, acknowledger, losses, writerThread);
    this.server = serverOrClose();
  }

  private @Nullable String serverOrClose() {
    try {
      return group.server().identity();
    } catch (RuntimeException | Error e) {
      group.close();
      throw e;
    }
  }

  /** Begins to read the streams, and answers what became of them since they were read last. */
  void followAll() {
    if (only != null) {
      follow(Set.of(only));
      return;
    }
    Set<String> wanted = new LinkedHashSet<>(settings.streams());
    wanted.addAll(discover());
    losses.answer(detector.vanished(wanted));
    unusable.retain(wanted);
    follow(wanted);
  }

  private Set<String> discover() {
    discovery.restart(settings.discoveryInterval());
    return StreamDiscovery.find(group, settings);
  }

  /** Answers a loss before anything else can fail, so that it is not forgotten. */
  private void follow(Set<String> streams) {
    List<Loss> restarts = new ArrayList<>();
    streams.forEach(stream -> detector.connected(stream, server).ifPresent(restarts::add));
    losses.answer(restarts);
    for (String stream : streams) {
      if (unusable.contains(stream)) {
        continue;
      }
      try {
        follow(stream);
        unusable.remove(stream);
      } catch (StreamUnusableException e) {
        unusable.add(e);
      }
    }
  }

  private void follow(String stream) {
    if (group.ensure(stream, ConsumerGroup.BEGINNING)) {
      answerMissingGroup(stream);
      StreamState state = group.state(stream);
      detector.groupCreated(stream, state);
      ledger.groupCreated(stream, state);
    } else {
      ledger.uncertain(stream);
      checkForLosses(Set.of(stream));
    }
    group.probe(stream);
    newEntries.add(stream);
    pendingEntries.add(stream);
  }

  private void answerMissingGroup(String stream) {
    String name = "group " + settings.group() + " of stream " + stream;
    if (detector.hasSeenGroup(stream)) {
      losses.answer(List.of(new Loss(LossKind.GONE, name + " was gone")));
    } else {
      LOG.info("{} did not exist; reading from the beginning", name);
      losses.requestRun("what stream " + stream + " held before it was followed");
    }
  }

  /**
   * Answers losses while the group has not read past them yet: if this process dies afterwards, the
   * next one does not see them any more.
   */
  private void checkForLosses(Set<String> streams) {
    List<Loss> found = new ArrayList<>();
    for (String stream : streams) {
      long acknowledged = ledger.acknowledged(stream);
      long askedNanos = System.nanoTime();
      check(stream, new Look(group.state(stream), null, acknowledged, askedNanos), found);
    }
    losses.answer(found);
  }

  private void check(String stream, Look look, List<Loss> found) {
    int before = found.size();
    detector.check(stream, look.before()).ifPresent(found::add);
    if (look.after() != null) {
      detector.checkAround(stream, look.before(), look.after()).ifPresent(found::add);
    }
    Optional<GroupLedger.Change> change =
        ledger.look(stream, look.before(), look.acknowledged(), look.askedNanos());
    // A loss that was found explains the change as well.
    if (change.isPresent() && found.size() == before) {
      others.lossBy(stream, change.get()).ifPresent(found::add);
    }
  }

  /** The streams that are read. */
  Set<String> streams() {
    return newEntries.streams();
  }

  /** Whether entries were requested that are not delivered yet. */
  boolean isReadAhead() {
    return newEntries.isReadAhead() || taken > 0;
  }

  /**
   * Does what is due, and reads and delivers some entries.
   *
   * @param backlogs receives the group's backlog now and then
   * @return whether there was no entry to read
   * @throws EntryDelivery.WriterFailedException if the live writer fails
   * @throws StreamUnusableException if Redis refuses to serve one of the streams
   * @throws TradesyncException if Redis fails
   */
  boolean step(Consumer<GroupBacklog> backlogs) {
    losses.requestSecondRun();
    if (only == null && !settings.patterns().isEmpty() && discovery.isDue()) {
      Set<String> found = discover();
      found.removeAll(streams());
      follow(found);
    }
    follow(unusable.due());
    losses.answer(others.lookAt(streams()));
    if (backlog.isDue()) {
      backlogs.accept(group.backlog(streams()));
      backlog.restart(BACKLOG_INTERVAL);
    }
    return deliver();
  }

  private boolean deliver() {
    int asked = readSize.count();
    takeReadAhead();
    if (taken == 0 && !delivery.isUnfinished() && !delivery.isFull()) {
      take(read());
    }
    boolean idle = taken == 0;
    boolean more = taken >= asked && deferred.isEmpty() && !readSize.isLimitedByBytes();
    taken = 0;
    if (more && !delivery.isWaiting() && context.pause().isOpen()) {
      readAhead();
    }
    try {
      delivery.attempt(newEntries.isReadAhead() ? this::takeReadAhead : null);
    } catch (EntryDelivery.WriterFailedException e) {
      takeReadAhead();
      // Nothing is read while the live writer fails.
      taken = 0;
      throw e;
    }
    return idle;
  }

  /**
   * The answers about hints are taken only after these were asked, which may take long, so losses
   * are checked before.
   */
  private void readAhead() {
    checkForLosses(streams());
    for (int i = 0; i < READS_AHEAD; i++) {
      newEntries.readAhead(readSize.count());
    }
  }

  private void takeReadAhead() {
    while (newEntries.isReadAhead()) {
      take(readNew());
    }
  }

  private void take(List<StreamEntry> entries) {
    delivery.take(entries);
    taken += entries.size();
  }

  /**
   * Reads what did not fit into memory first, then this consumer's own pending entries, then idle
   * ones of others, then new ones.
   */
  private List<StreamEntry> read() {
    if (!deferred.isEmpty()) {
      return deferred.read();
    }
    List<StreamEntry> entries = inMemory(pendingEntries.read(readSize.count()));
    if (entries.isEmpty() && claim.isDue()) {
      entries = claimIdle();
    }
    return entries.isEmpty() ? readNew() : entries;
  }

  /** Adapts the size of reads to some entries, and puts those aside that do not fit into memory. */
  private List<StreamEntry> inMemory(List<StreamEntry> entries) {
    readSize.read(entries.size(), entries.stream().mapToLong(StreamEntry::bytes).sum());
    return deferred.keep(entries);
  }

  private List<StreamEntry> claimIdle() {
    List<StreamEntry> entries = new ArrayList<>();
    for (String stream : streams()) {
      List<StreamEntry> claimed = idleEntries.claim(stream, readSize.count());
      context.counters().claimed.addAndGet(claimed.size());
      entries.addAll(inMemory(claimed));
      if (!deferred.isEmpty()) {
        break;
      }
    }
    if (entries.isEmpty()) {
      claim.restart(settings.claimAfter().dividedBy(2));
    }
    return entries;
  }

  private List<StreamEntry> readNew() {
    List<Loss> found = new ArrayList<>();
    List<StreamEntry> entries =
        newEntries.read(settings.batchSize(), (stream, look) -> check(stream, look, found));
    for (StreamEntry entry : entries) {
      EntryId id = EntryId.parse(entry.id());
      detector.read(entry.stream(), id);
      ledger.read(entry.stream(), 1, id);
    }
    losses.answer(found);
    return inMemory(entries);
  }

  /** Waits for new entries until something else is due. */
  void awaitEntries() {
    Duration idle = unusable.idleTime(losses.idleTime(delivery.idleTime(settings.blockTime())));
    if (delivery.isFull() || streams().isEmpty()) {
      context.pause().rest(idle);
    } else {
      newEntries.await(idle, context.pause()::isOpen);
    }
  }

  /** Waits, and ensures that no other consumer claims the entries held here meanwhile. */
  void rest(Duration time) {
    if (claim.isDue()) {
      acknowledger.keep(delivery.held());
      acknowledger.keep(deferred.all());
      claim.restart(settings.claimAfter().dividedBy(3));
    }
    context.pause().rest(time);
  }

  /** Removes this consumer's name from the group of each stream in which nothing waits for it. */
  void leave() {
    for (String stream : streams()) {
      try {
        losses.answer(group.leave(stream).stream().toList());
      } catch (TradesyncException | StreamUnusableException e) {
        LOG.debug("consumer {} stays in the group of {}", settings.consumer().getName(), stream, e);
      }
    }
  }

  @Override
  public void close() {
    group.close();
  }
}
