package io.tradesync.examples.service;

import io.tradesync.InvalidSettingException;
import io.tradesync.examples.service.demo.DemoCommand;
import io.tradesync.examples.service.embedded.EmbeddedStartException;
import io.tradesync.examples.service.serve.ServeCommand;
import io.tradesync.examples.service.settings.StartException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program's entry. Ends with 0, with 1 where something failed, with 2 where input is bad. */
@Command(
    name = "tradesync",
    description = "Finds the trades that an analytics store lacks, and closes the gap.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ServeCommand.class, DemoCommand.class})
public final class Main {

  private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

  private Main() {}

  /**
   * Runs a command.
   *
   * @param args the command and its options
   */
  public static void main(String... args) {
    // What the driver says of a bad URL stands in the exception too.
    DRIVER_LOG.setLevel(Level.OFF);
    int exitCode =
        new CommandLine(new Main())
            .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command))
            .execute(args);
    System.exit(exitCode);
  }

  private static int explain(Exception failure, CommandLine command) {
    if (failure instanceof StartException
        || failure instanceof InvalidSettingException
        || failure instanceof EmbeddedStartException) {
      command.getErr().println(failure.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    failure.printStackTrace(command.getErr());
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Says which version this is. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"tradesync " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
