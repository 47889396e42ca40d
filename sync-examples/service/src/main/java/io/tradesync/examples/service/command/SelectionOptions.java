package io.tradesync.examples.service.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that narrow a force. */
final class SelectionOptions {

  @Option(
      names = "--to",
      paramLabel = "TIME",
      converter = Times.Converter.class,
      description = "Write trades up to this time only; those of that second are written again.")
  private Times.@Nullable Second to;

  @Option(
      names = "--chain",
      paramLabel = "ID",
      description = "Write the trades of this chain only; may be repeated.")
  private List<Long> chains = List.of();

  @Option(
      names = "--pool",
      paramLabel = "POOL",
      description = "Write the trades of this pool only; may be repeated.")
  private List<String> pools = List.of();

  /** Returns the fields of a request that these options set. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (to != null) {
      fields.put("toTimestamp", to.epochSecond());
    }
    if (!chains.isEmpty()) {
      fields.put("chains", chains);
    }
    if (!pools.isEmpty()) {
      fields.put("pools", pools);
    }
    return fields;
  }
}
