package io.tradesync.examples.service.serve;

import io.tradesync.examples.service.settings.Settings;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the service until the process is told to stop. */
@Command(
    name = "serve",
    description = "Runs the service. A server that no setting names is embedded.",
    mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A file with settings, NAME=value a line.")
  private @Nullable Path config;

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = Settings.fromEnvironment(config);
    settings.logFormat().use();
    SyncService service = SyncService.start(settings, SyncService.Options.DEFAULT);
    Runtime.getRuntime().addShutdownHook(new Thread(service::close, "stop"));
    System.out.println("tradesync answers on " + service.url());
    new CountDownLatch(1).await();
    return 0;
  }
}
