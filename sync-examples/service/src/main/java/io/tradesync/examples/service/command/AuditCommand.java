package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Compares everything and changes nothing. */
@Command(
    name = "audit",
    description = "Compares everything, also what is verified; changes nothing.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class AuditCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Override
  public Integer call() {
    return target.call(
        api -> {
          JsonNode audit = api.post("/api/sync/audit", Map.of());
          target.print(audit, Texts.audit(audit));
          return ExitCode.ofGaps(audit.path("gaps"));
        });
  }
}
