package io.tradesync.internal.work;

import io.tradesync.InvalidSettingException;
import io.tradesync.internal.settings.EngineSettings;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The settings that the engines of a coordinator and its workers must share. */
public final class DecisiveSettings {

  private static final String NOT_SET = "not set";

  private final SortedMap<String, String> values = new TreeMap<>();

  public DecisiveSettings(
      String service,
      TradeSource source,
      String sink,
      Set<SinkCapability> capabilities,
      EngineSettings settings) {
    values.put("service", service);
    values.put("scope", settings.scope().toString());
    values.put("batchSize", "" + settings.batchSize());
    values.put(
        "extraColumns",
        source.attributeNames().map(List::toString).orElse("not told by the source"));
    values.put("parkAfter", "" + settings.parkAfter());
    values.put("recordBeforeWrite", "" + settings.recordBeforeWrite());
    values.put("sink", sink + " with " + new TreeSet<>(capabilities));
  }

  Map<String, String> values() {
    return values;
  }

  /**
   * Compares them with those of an order.
   *
   * @throws InvalidSettingException if one differs; names it
   */
  public void check(Map<String, String> ofCoordinator) {
    TreeSet<String> names = new TreeSet<>(values.keySet());
    names.addAll(ofCoordinator.keySet());
    for (String name : names) {
      String here = values.getOrDefault(name, NOT_SET);
      String there = ofCoordinator.getOrDefault(name, NOT_SET);
      if (!Objects.equals(here, there)) {
        throw new InvalidSettingException(
            name, here, "of a worker must be as that of the coordinator, which is: " + there);
      }
    }
  }
}
