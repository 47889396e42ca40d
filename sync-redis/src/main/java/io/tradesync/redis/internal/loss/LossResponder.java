package io.tradesync.redis.internal.loss;

import static java.util.stream.Collectors.joining;

import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.internal.consume.FeedCounters;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers lost stream data with a run, and with a second one some time later: what was published
 * just before it was lost may not have been visible at the source when the first one looked. Used
 * by one thread.
 */
public final class LossResponder {

  private static final Logger LOG = LoggerFactory.getLogger(LiveConsumer.class);

  private final LiveWriter liveWriter;
  private final FeedCounters counters;
  private final long secondLookNanos;
  private boolean secondLook;
  private long secondLookAtNanos;

  public LossResponder(LiveWriter liveWriter, FeedCounters counters, Duration secondLookAfter) {
    this.liveWriter = liveWriter;
    this.counters = counters;
    this.secondLookNanos = secondLookAfter.toNanos();
  }

  /**
   * Stream data were lost, or may be.
   *
   * @param losses what was lost; nothing is done for none
   */
  public void lost(List<Loss> losses) {
    if (losses.isEmpty()) {
      return;
    }
    losses.forEach(loss -> counters.lost(loss.kind()));
    LOG.warn(
        "stream data may be lost, so a run follows: {}",
        losses.stream().map(Loss::reason).collect(joining("; ")));
    compare(losses.get(0).reason());
    secondLook = true;
    secondLookAtNanos = System.nanoTime() + secondLookNanos;
  }

  /**
   * Nothing of a stream was lost, but only a comparison can settle it.
   *
   * @param reason why
   */
  public void compare(String reason) {
    liveWriter.requestRun(reason);
  }

  /** Asks for the second run, once it is due. */
  public void lookAgain() {
    if (secondLook && System.nanoTime() - secondLookAtNanos >= 0) {
      secondLook = false;
      compare("what was published around a loss may be visible only now");
    }
  }

  /** How long nothing has to be done, at most some time. */
  public Duration idleTime(Duration atMost) {
    if (!secondLook) {
      return atMost;
    }
    Duration rest = Duration.ofNanos(Math.max(0, secondLookAtNanos - System.nanoTime()));
    return rest.compareTo(atMost) < 0 ? rest : atMost;
  }
}
