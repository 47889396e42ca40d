package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives failed trades their attempts back. */
@Command(
    name = "release",
    description = "Lets the next run try parked trades again: all, those of a time, or one.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class ReleaseCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  /** Exactly one of these must be given. */
  static final class Which {

    @SuppressWarnings("UnusedVariable") // An empty body means all.
    @Option(names = "--all", required = true, description = "All parked trades.")
    private boolean all;

    @Option(
        names = "--ref",
        required = true,
        paramLabel = "REF",
        description = "One trade, by the ref that errors --json shows.")
    private @Nullable String ref;

    @ArgGroup(exclusive = false)
    private @Nullable Range range;
  }

  /** Both ends belong to it. */
  static final class Range {

    @Option(
        names = "--from",
        required = true,
        paramLabel = "TIME",
        converter = Times.Converter.class,
        description = "Trades from this time on: epoch seconds or an ISO instant.")
    private Times.Second from = new Times.Second(0);

    @Option(
        names = "--to",
        required = true,
        paramLabel = "TIME",
        converter = Times.Converter.class,
        description = "Trades up to this time.")
    private Times.Second to = new Times.Second(0);
  }

  @Override
  public Integer call() {
    Map<String, Object> body = new LinkedHashMap<>();
    if (which.ref != null) {
      body.put("ref", which.ref);
    } else if (which.range != null) {
      body.put("fromTimestamp", which.range.from.epochSecond());
      body.put("toTimestamp", which.range.to.epochSecond());
    }
    return target.call(
        api -> {
          JsonNode answer = api.post("/api/sync/errors/release", body);
          target.print(
              answer,
              answer.path("released").asLong()
                  + " trades are no longer parked; the next run tries them");
          return ExitCode.OK;
        });
  }
}
