package io.tradesync.internal.work;

import io.tradesync.TradeSelection;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.FencingToken;
import java.util.Optional;

/**
 * How the work of an engine's runs is divided.
 *
 * @param workers other machines; empty if this process does all work itself
 * @param settings what a worker must share with its coordinator
 * @param selection the trades that the work is about
 */
public record Distribution(
    Optional<Workers> workers, DecisiveSettings settings, TradeSelection selection) {

  /** Returns the same for some trades only. */
  public Distribution only(TradeSelection part) {
    return new Distribution(workers, settings, part);
  }

  /** For whom the work is done. */
  public Task.Lease lease(FencingToken token) {
    return new Task.Lease(token, selection);
  }

  /** Returns what hands out the work of a run; empty if there are no workers. */
  public Optional<Coordinator> coordinator(FencingToken token, RunControl control) {
    return workers.map(others -> new Coordinator(others, settings, lease(token), control));
  }
}
