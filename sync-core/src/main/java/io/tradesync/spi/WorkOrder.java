package io.tradesync.spi;

import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What the units of one pass have in common: for which run, with which lease, and how they compare
 * or repair. A small value that can be sent to another machine. Immutable.
 *
 * @param version the version of orders, units and outcomes; a worker of another one refuses
 * @param runId the run or audit whose work it is
 * @param pass {@code compare} or {@code repair}, to be shown
 * @param settings the settings that decide which trades count and what is written; a worker with
 *     others refuses. In the order of their names
 * @param content the rest, as text that only an engine of the same version reads
 */
public record WorkOrder(
    int version, String runId, String pass, Map<String, String> settings, String content)
    implements Serializable {

  /** The version that this library writes and reads. */
  public static final int VERSION = 1;

  /** Copies the settings. */
  public WorkOrder {
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(pass, "pass");
    Objects.requireNonNull(content, "content");
    settings = new TreeMap<>(settings);
  }

  /** Returns a copy. */
  @Override
  public Map<String, String> settings() {
    return new TreeMap<>(settings);
  }
}
