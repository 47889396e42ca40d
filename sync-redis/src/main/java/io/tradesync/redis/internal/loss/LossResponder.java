package io.tradesync.redis.internal.loss;

import static java.util.stream.Collectors.joining;

import io.tradesync.redis.internal.client.Timer;
import io.tradesync.spi.LiveWriter;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a loss of stream data with a run, and with a second one some time later: the source may
 * not have shown the lost trades yet when the first run read it. Used by one thread.
 */
public final class LossResponder {

  private static final Logger LOG = LoggerFactory.getLogger(LossResponder.class);

  private final LiveWriter liveWriter;
  private final LossCounters counters;
  private final Duration secondRunDelay;
  private final Timer secondRun = Timer.stopped();

  public LossResponder(LiveWriter liveWriter, LossCounters counters, Duration secondRunDelay) {
    this.liveWriter = liveWriter;
    this.counters = counters;
    this.secondRunDelay = secondRunDelay;
  }

  /** Counts losses and requests the runs that answer them; does nothing if there are none. */
  public void answer(List<Loss> losses) {
    if (losses.isEmpty()) {
      return;
    }
    losses.forEach(loss -> counters.add(loss.kind()));
    LOG.warn(
        "stream data may be lost, so a run follows: {}",
        losses.stream().map(Loss::reason).collect(joining("; ")));
    requestRun(losses.get(0).reason());
    secondRun.restart(secondRunDelay);
  }

  /** Requests a run for something that is no loss but that only a comparison can find. */
  public void requestRun(String reason) {
    liveWriter.requestRun(reason);
  }

  /** Requests the second run, once it is due. */
  public void requestSecondRun() {
    if (secondRun.isDue()) {
      secondRun.stop();
      requestRun("trades that were published around a loss may be visible only now");
    }
  }

  /** The time until the second run is due, or the limit if that is shorter. */
  public Duration idleTime(Duration limit) {
    return secondRun.left(limit);
  }
}
