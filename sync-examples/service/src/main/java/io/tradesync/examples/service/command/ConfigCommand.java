package io.tradesync.examples.service.command;

import io.tradesync.InvalidSettingException;
import io.tradesync.examples.service.log.SafeText;
import io.tradesync.examples.service.serve.Databases;
import io.tradesync.examples.service.settings.DatabaseStartException;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Setting;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Everything about settings. */
@Command(
    name = "config",
    description = "Checks the settings.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ConfigCommand.Check.class)
public final class ConfigCommand {

  /** Reads the settings, and connects to the databases that they name. */
  @Command(
      name = "check",
      description = "Shows each setting, and tries the databases; changes nothing.",
      mixinStandardHelpOptions = true,
      footer = {"", ExitCode.HELP})
  public static final class Check implements Callable<Integer> {

    @Spec private @Nullable CommandSpec command;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "A file with settings, NAME=value a line.")
    private @Nullable Path config;

    @Option(
        names = "--json",
        description = "Print the settings, and the databases that answer, as JSON.")
    private boolean json;

    @Override
    public Integer call() {
      try {
        UnaryOperator<@Nullable String> source = Settings.source(config);
        Settings settings = Settings.from(source);
        Map<String, String> shown = new LinkedHashMap<>();
        for (Setting<?> setting : DeclaredSettings.ALL) {
          shown.put(setting.name(), shown(setting, source));
        }
        if (!json) {
          shown.forEach((name, value) -> say(SafeText.line(name + " = " + value)));
        }
        List<String> answering = new ArrayList<>();
        tried(answering, DeclaredSettings.PONDER_JDBC_URL.name(), settings.ponderJdbcUrl());
        tried(answering, DeclaredSettings.ANALYTICS_JDBC_URL.name(), settings.analyticsJdbcUrl());
        if (json) {
          say(ApiClient.json(Map.of("settings", shown, "answering", answering)));
        }
        return ExitCode.OK;
      } catch (DatabaseStartException e) {
        return failed(ExitCode.UNREACHABLE, e);
      } catch (StartException | InvalidSettingException e) {
        return failed(ExitCode.USAGE, e);
      }
    }

    private static String shown(Setting<?> setting, UnaryOperator<@Nullable String> source) {
      String value = source.apply(setting.name());
      if (value == null || value.isBlank()) {
        return setting.whenAbsent() + " (default)";
      }
      return setting.secret() ? "(set, not shown)" : value.strip();
    }

    private void tried(List<String> answering, String name, @Nullable String url) {
      if (url != null) {
        Databases.check(name, url);
        answering.add(name);
        if (!json) {
          say(name + " answers");
        }
      }
    }

    private void say(String line) {
      command().getOut().println(line);
    }

    private CommandLine command() {
      if (command == null) {
        throw new IllegalStateException("not part of a command line");
      }
      return command.commandLine();
    }

    private int failed(int exitCode, RuntimeException e) {
      command().getErr().println(SafeText.line(String.valueOf(e.getMessage())));
      return exitCode;
    }
  }
}
