package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes trades again. */
@Command(
    name = "force",
    description = "Writes trades after a time again, also those that are processed.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class ForceCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      converter = Times.Converter.class,
      description = "Epoch seconds or an ISO instant; trades of that second are not written again.")
  private Times.Second from = new Times.Second(0);

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

  @Mixin private final LimitOptions limits = new LimitOptions();

  @Override
  public Integer call() {
    Map<String, Object> body = limits.body();
    body.put("fromTimestamp", from.epochSecond());
    if (to != null) {
      body.put("toTimestamp", to.epochSecond());
    }
    if (!chains.isEmpty()) {
      body.put("chains", chains);
    }
    if (!pools.isEmpty()) {
      body.put("pools", pools);
    }
    return target.call(
        api -> {
          JsonNode result = new RunFollower(api, target.progress()).run("/api/sync/force", body);
          target.print(result, Texts.result(result));
          return ExitCode.ofResult(result);
        });
  }
}
