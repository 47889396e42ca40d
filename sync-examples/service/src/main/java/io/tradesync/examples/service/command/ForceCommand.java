package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
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

  @Mixin private final SelectionOptions selection = new SelectionOptions();

  @Mixin private final LimitOptions limits = new LimitOptions();

  @Override
  public Integer call() {
    Map<String, Object> body = limits.body();
    body.put("fromTimestamp", from.epochSecond());
    body.putAll(selection.fields());
    return target.call(
        api -> {
          JsonNode result = new RunFollower(api, target.progress()).run("/api/sync/force", body);
          target.print(result, Texts.result(result));
          return ExitCode.ofResult(result);
        });
  }
}
