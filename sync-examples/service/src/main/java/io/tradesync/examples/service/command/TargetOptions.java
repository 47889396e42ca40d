package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tradesync.InvalidSettingException;
import io.tradesync.examples.service.log.SafeText;
import io.tradesync.examples.service.serve.DirectService;
import io.tradesync.examples.service.settings.DatabaseStartException;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has: what it asks, and how it answers. */
final class TargetOptions {

  /** What a command does; returns its exit code. */
  interface Action {
    int on(ApiClient api);
  }

  private static final String LOG_LEVEL = "TRADESYNC_LOG_LEVEL";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The service to ask. Without it the command works on the databases itself.")
  private @Nullable URI url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "A file with the service's token. Without it the token is SYNC_API_TOKEN.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A file with settings, NAME=value a line.")
  private @Nullable Path config;

  @Option(names = "--json", description = "Print the answer of the API as JSON.")
  private boolean json;

  private PrintWriter out() {
    return command().getOut();
  }

  private CommandLine command() {
    if (command == null) {
      throw new IllegalStateException("not part of a command");
    }
    return command.commandLine();
  }

  /** Shows the progress of a run, unless only the answer is wanted. */
  Progress progress() {
    return json
        ? new Progress(new PrintWriter(Writer.nullWriter()), false)
        : new Progress(out(), isTerminal());
  }

  @SuppressWarnings("SystemConsoleNull") // Newer versions of Java have a method that tells.
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** Prints an answer: as JSON, or else as the text. */
  void print(JsonNode answer, String text) {
    out().println(json ? ApiClient.json(answer) : text);
    out().flush();
  }

  /** Does something with the service or the databases; returns the exit code. */
  int call(Action action) {
    if (System.getenv(LOG_LEVEL) == null && System.getProperty(LOG_LEVEL) == null) {
      // Must precede the first logger. The answer is what the user wants to see.
      System.setProperty(LOG_LEVEL, "WARN");
    }
    try {
      return url != null ? action.on(remote(url)) : direct(action);
    } catch (CommandFailure e) {
      return failed(e);
    } catch (DatabaseStartException e) {
      return failed(new CommandFailure(ExitCode.UNREACHABLE, message(e), null));
    } catch (StartException | InvalidSettingException e) {
      return failed(new CommandFailure(ExitCode.USAGE, message(e), null));
    }
  }

  private int failed(CommandFailure failure) {
    JsonNode problem = failure.problem();
    if (json && problem != null) {
      out().println(ApiClient.json(problem));
      out().flush();
    }
    command().getErr().println(SafeText.line(message(failure)));
    command().getErr().flush();
    return failure.exitCode();
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private int direct(Action action) {
    Settings settings = Settings.fromEnvironment(config);
    settings.logFormat().use();
    DirectService service = DirectService.start(settings);
    // A signal cancels the run at its next batch boundary.
    Thread stop = new Thread(service::close, "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      return action.on(new ApiClient(service.url(), service.token()));
    } finally {
      close(service, stop);
    }
  }

  private static void close(DirectService service, Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      return;
    }
    service.close();
  }

  private ApiClient remote(URI service) {
    String scheme = String.valueOf(service.getScheme()).toLowerCase(Locale.ROOT);
    if (service.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new CommandFailure(ExitCode.USAGE, "--url must be like http://127.0.0.1:42091", null);
    }
    return new ApiClient(service.toString(), token());
  }

  private @Nullable String token() {
    if (tokenFile != null) {
      try {
        return Files.readString(tokenFile).strip();
      } catch (IOException e) {
        throw new CommandFailure(
            ExitCode.USAGE, "--token-file: the file " + tokenFile + " cannot be read", null);
      }
    }
    String token = Settings.source(config).apply(DeclaredSettings.SYNC_API_TOKEN.name());
    return token == null || token.isBlank() ? null : token.strip();
  }
}
