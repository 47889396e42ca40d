package io.tradesync.examples.service.serve;

import io.tradesync.examples.service.settings.Settings;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;

/** Runs the service until the process is told to stop. */
@Command(
    name = "serve",
    description = "Runs the service. A server that no setting names is embedded.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Settings, each an environment variable or a system property of the same name:",
      "  PONDER_JDBC_URL, PONDER_SCHEMA (public), ANALYTICS_JDBC_URL, REDIS_URL,",
      "  SYNC_STREAM (trades), SYNC_STREAM_FORMAT (trade or hint), SYNC_PONDER_NOTIFY (false),",
      "  SYNC_HTTP_HOST (127.0.0.1), SYNC_HTTP_PORT (42091), SYNC_API_TOKEN,",
      "  SYNC_BATCH_SIZE (50), SYNC_PARALLELISM (4), SYNC_AUTO_INTERVAL (such as PT1M),",
      "  SYNC_AUDIT_INTERVAL (PT10M), SYNC_ORPHAN_GRACE (PT1M), SYNC_CONFIRMATION (PT1H),",
      "  SYNC_HEALTH_INTERVAL (PT30S), SYNC_PUBLIC_URL (such as https://sync.example.com),",
      "  SYNC_BASELINE (epoch seconds or ISO instant), SYNC_EXTRA_COLUMNS (such as fee,maker)"
    })
public final class ServeCommand implements Callable<Integer> {

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = Settings.fromEnvironment();
    SyncService service = SyncService.start(settings, SyncService.Options.DEFAULT);
    Runtime.getRuntime().addShutdownHook(new Thread(service::close, "stop"));
    System.out.println("tradesync answers on " + service.url());
    new CountDownLatch(1).await();
    return 0;
  }
}
