package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Passes on the changes of wanted trades. */
record TradeFilter(Predicate<Trade> wanted) {

  TradeFilter {
    Objects.requireNonNull(wanted, "wanted");
  }

  /** Writes what is left of a batch, if anything is. */
  interface Writing {
    void write(TradeBatch batch) throws Exception;
  }

  void write(TradeBatch batch, Writing sink) throws Exception {
    List<TradeChange> changes = new ArrayList<>();
    Map<TradeKey, TradeKey> keysInTheBatch = new HashMap<>();
    for (TradeChange change : batch.changes()) {
      pass(change)
          .ifPresent(
              passed -> {
                changes.add(passed);
                keysInTheBatch.put(passed.key(), change.key());
              });
    }
    if (changes.isEmpty()) {
      return;
    }
    changes.sort(Comparator.comparing(TradeChange::key));
    try {
      sink.write(new TradeBatch(batch.service(), batch.idempotencyKey(), batch.forced(), changes));
    } catch (BadTradesException e) {
      Map<TradeKey, String> reasons = new HashMap<>();
      e.reasons()
          .forEach((key, reason) -> reasons.put(keysInTheBatch.getOrDefault(key, key), reason));
      BadTradesException named = new BadTradesException(reasons);
      named.addSuppressed(e);
      throw named;
    }
  }

  private Optional<TradeChange> pass(TradeChange change) {
    if (change.after().map(wanted::test).orElse(true)) {
      return Optional.of(change);
    }
    return change.before().map(key -> new TradeChange.Retract(key, change.revision()));
  }

  static Set<SinkCapability> capabilities(AnalyticsSink sink) {
    Set<SinkCapability> capabilities = EnumSet.copyOf(SinkDeclaration.capabilities(sink));
    if (!capabilities.contains(SinkCapability.RETRACT)) {
      capabilities.remove(SinkCapability.REPLACE);
    }
    return capabilities;
  }
}
