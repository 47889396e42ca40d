package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a run or a force would do. */
@Command(
    name = "plan",
    description = "Shows what a run would do now, or with --from a force; changes nothing.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class PlanCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(names = "--audit", description = "Compare everything, also what is verified.")
  private boolean audit;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = Times.Converter.class,
      description = "Plan a force of later trades: epoch seconds or an ISO instant.")
  private Times.@Nullable Second from;

  @Mixin private final SelectionOptions selection = new SelectionOptions();

  @Override
  public Integer call() {
    Map<String, Object> parameters = new LinkedHashMap<>(selection.fields());
    if (from != null) {
      parameters.put("fromTimestamp", from.epochSecond());
    }
    if (audit) {
      parameters.put("audit", true);
    }
    return target.call(
        api -> {
          JsonNode plan = api.get("/api/sync/plan" + query(parameters));
          target.print(plan, Texts.plan(from == null ? "run" : "force", plan));
          return ExitCode.ofGaps(plan.path("gaps"));
        });
  }

  private static String query(Map<String, Object> parameters) {
    List<String> parts = new ArrayList<>();
    parameters.forEach(
        (name, value) ->
            (value instanceof List<?> values ? values : List.of(value))
                .forEach(one -> parts.add(name + "=" + ApiClient.encoded(String.valueOf(one)))));
    return parts.isEmpty() ? "" : "?" + String.join("&", parts);
  }
}
