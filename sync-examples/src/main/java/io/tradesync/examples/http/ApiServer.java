package io.tradesync.examples.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.tradesync.InvalidSettingException;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API of an engine. */
public final class ApiServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final int PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final Set<String> LATER_FIELDS = Set.of("audit", "allowMassRetraction");

  private final SyncEngine engine;
  private final Guard guard;
  private final RunStarter starter;
  private final RunEvents events;
  private final RunMetrics metrics;
  private final Javalin server;

  /**
   * Makes a server that does not listen yet.
   *
   * @param engine what it serves
   * @param access who may call
   * @param parts what listens to the engine's runs
   */
  public ApiServer(SyncEngine engine, Access access, Parts parts) {
    this.engine = engine;
    this.guard = new Guard(access);
    this.starter = parts.starter;
    this.events = parts.events;
    this.metrics = parts.metrics;
    this.server = Javalin.create(this::configure);
  }
}
