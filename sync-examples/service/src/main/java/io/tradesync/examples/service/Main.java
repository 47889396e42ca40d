package io.tradesync.examples.service;

import io.tradesync.InvalidSettingException;
import io.tradesync.examples.service.command.AcceptCommand;
import io.tradesync.examples.service.command.AuditCommand;
import io.tradesync.examples.service.command.CancelCommand;
import io.tradesync.examples.service.command.ConfigCommand;
import io.tradesync.examples.service.command.ErrorsCommand;
import io.tradesync.examples.service.command.ExitCode;
import io.tradesync.examples.service.command.ForceCommand;
import io.tradesync.examples.service.command.HealthCommand;
import io.tradesync.examples.service.command.PlanCommand;
import io.tradesync.examples.service.command.ReleaseCommand;
import io.tradesync.examples.service.command.RunCommand;
import io.tradesync.examples.service.command.RunsCommand;
import io.tradesync.examples.service.command.SettingsHelp;
import io.tradesync.examples.service.command.WatchCommand;
import io.tradesync.examples.service.demo.DemoCommand;
import io.tradesync.examples.service.embedded.EmbeddedStartException;
import io.tradesync.examples.service.log.SafeText;
import io.tradesync.examples.service.serve.ServeCommand;
import io.tradesync.examples.service.settings.StartException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry of the program. {@link ExitCode} holds what the commands end with. */
@Command(
    name = "tradesync",
    description = "Finds the trades that an analytics store lacks, and closes the gap.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ServeCommand.class,
      DemoCommand.class,
      HealthCommand.class,
      PlanCommand.class,
      RunCommand.class,
      AuditCommand.class,
      ForceCommand.class,
      WatchCommand.class,
      RunsCommand.class,
      CancelCommand.class,
      ErrorsCommand.class,
      ReleaseCommand.class,
      AcceptCommand.class,
      ConfigCommand.class,
      GenerateCompletion.class
    })
public final class Main {

  private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

  private Main() {}

  /** Runs the command that the arguments name. */
  public static void main(String... args) {
    // The exception also contains what the driver logs about a bad URL.
    DRIVER_LOG.setLevel(Level.OFF);
    System.exit(commandLine().execute(args));
  }

  /** The command line, with the settings in the help of each command that reads them. */
  static CommandLine commandLine() {
    CommandLine main = new CommandLine(new Main());
    main.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command));
    main.getSubcommands().values().forEach(SettingsHelp::addTo);
    return main;
  }

  private static int explain(Exception failure, CommandLine command) {
    if (failure instanceof StartException
        || failure instanceof InvalidSettingException
        || failure instanceof EmbeddedStartException) {
      command.getErr().println(SafeText.line(String.valueOf(failure.getMessage())));
      return CommandLine.ExitCode.USAGE;
    }
    failure.printStackTrace(command.getErr());
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Reads the version from the manifest of the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"tradesync " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
