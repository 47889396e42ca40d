package io.tradesync.redis.internal.client;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ConnectionFuture;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.StringCodec;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a Redis is, how connections to it are had, and what its errors mean; no message of it holds
 * a user name or a password. Thread-safe.
 */
public final class RedisLink implements AutoCloseable {

  /** How long a connection may take to come about, and a command to be answered. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private static final int MAX_HOPS = 5;

  // Redis repeats the arguments of a command that it does not know, also those of an AUTH.
  private static final String ARGUMENTS = ", with args";

  // Redis names the user who may not do something, from 7.2 on.
  private static final Pattern NAMED_USER = Pattern.compile("User .* has no permissions");

  private final RedisURI uri;
  private final @Nullable RedisClient callers;
  private @Nullable RedisClient own;
  private boolean closed;

  /**
   * Makes a link.
   *
   * @param uri where Redis is
   * @param callers a client that the caller owns, or null to make one
   */
  public RedisLink(RedisURI uri, @Nullable RedisClient callers) {
    this.uri = uri;
    this.callers = callers;
  }

  /**
   * Opens a connection that is the caller's to close. Once lost it is closed, whatever the options
   * of a caller's client say: reconnected unseen, it would hide that something got lost with it.
   *
   * @param blocking the longest time that a command may block; {@link #TIMEOUT} later it times out
   */
  public StatefulRedisConnection<String, String> connect(Duration blocking) {
    return connect(uri, blocking);
  }

  /**
   * Opens a connection to that node of a cluster which holds a key; where there is no cluster, to
   * the server.
   *
   * @param key the key
   * @param blocking as in {@link #connect(Duration)}
   */
  public StatefulRedisConnection<String, String> connectTo(String key, Duration blocking) {
    RedisURI node = uri;
    for (int hop = 0; ; hop++) {
      StatefulRedisConnection<String, String> connection = connect(node, blocking);
      try {
        connection.sync().xlen(key);
        return connection;
      } catch (RedisCommandExecutionException e) {
        Optional<RedisURI> other = hop < MAX_HOPS ? moved(e, node) : Optional.empty();
        if (other.isEmpty()) {
          // Anything but another node's address is for whoever uses the key to hear.
          return connection;
        }
        connection.close();
        node = other.get();
      } catch (RuntimeException e) {
        connection.close();
        throw e;
      }
    }
  }

  /** The node that an answer refers to, in its place of the same URI. */
  private static Optional<RedisURI> moved(RedisCommandExecutionException answer, RedisURI from) {
    String[] words = String.valueOf(answer.getMessage()).split(" ", -1);
    if (!words[0].equals("MOVED") || words.length < 3) {
      return Optional.empty();
    }
    int colon = words[2].lastIndexOf(':');
    String host = words[2].substring(0, colon);
    return Optional.of(
        at(
            from,
            host.isEmpty() ? from.getHost() : host,
            Integer.parseInt(words[2].substring(colon + 1))));
  }

  private static RedisURI at(RedisURI uri, String host, int port) {
    return RedisURI.builder(uri).withHost(host).withPort(port).build();
  }

  /** Opens a connection to each master of a cluster; each is the caller's to close. */
  public List<StatefulRedisConnection<String, String>> connectToMasters() {
    String nodes;
    try (StatefulRedisConnection<String, String> any = connect(Duration.ZERO)) {
      nodes = any.sync().clusterNodes();
    }
    List<StatefulRedisConnection<String, String>> masters = new ArrayList<>();
    ClusterPartitionParser.parse(nodes).stream()
        .filter(node -> node.is(RedisClusterNode.NodeFlag.UPSTREAM) && !node.getSlots().isEmpty())
        .map(RedisClusterNode::getUri)
        .forEach(
            node -> masters.add(connect(at(uri, node.getHost(), node.getPort()), Duration.ZERO)));
    return masters;
  }

  private StatefulRedisConnection<String, String> connect(RedisURI at, Duration blocking) {
    ConnectionFuture<StatefulRedisConnection<String, String>> opening =
        client().connectAsync(StringCodec.UTF8, at);
    try {
      StatefulRedisConnection<String, String> connection =
          opening.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      connection.setTimeout(blocking.plus(TIMEOUT));
      connection.addListener(
          new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> lost) {
              // Where it was closed on purpose, Lettuce would warn of the second time.
              if (!lost.isClosed()) {
                Future<?> unused = lost.closeAsync();
              }
            }
          });
      return connection;
    } catch (TimeoutException e) {
      abandon(opening);
      throw new RedisCommandTimeoutException("no connection after " + TIMEOUT.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new RedisException(e.getCause());
    } catch (InterruptedException e) {
      abandon(opening);
      Thread.currentThread().interrupt();
      throw new RedisException("interrupted while connecting");
    }
  }

  /** Closes a connection, perhaps once more; Lettuce would warn of the second time. */
  public static void close(StatefulRedisConnection<String, String> connection) {
    if (!(connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed())) {
      connection.close();
    }
  }

  /** The answer to a command that was answered. */
  public static <T> T join(RedisFuture<T> reply) {
    try {
      return reply.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RedisException failure ? failure : new RedisException(e);
    }
  }

  private static void abandon(ConnectionFuture<StatefulRedisConnection<String, String>> opening) {
    Future<?> unused =
        opening.thenCompose(StatefulRedisConnection::closeAsync).toCompletableFuture();
  }

  private synchronized RedisClient client() {
    if (closed) {
      throw new RedisException("closed");
    }
    if (callers != null) {
      return callers;
    }
    if (own == null) {
      own = RedisClient.create(uri);
      own.setOptions(
          ClientOptions.builder()
              .autoReconnect(false)
              .maintNotificationsConfig(MaintNotificationsConfig.disabled())
              .socketOptions(
                  SocketOptions.builder().connectTimeout(TIMEOUT).keepAlive(true).build())
              .build());
    }
    return own;
  }

  /** The host, the port and the database, and nothing else of the URI. */
  String address() {
    String place;
    if (uri.getSocket() != null) {
      place = uri.getSocket();
    } else if (uri.getSentinels().isEmpty()) {
      place = uri.getHost() + ":" + uri.getPort();
    } else {
      place =
          uri.getSentinels().stream()
              .map(sentinel -> sentinel.getHost() + ":" + sentinel.getPort())
              .collect(Collectors.joining(",", uri.getSentinelMasterId() + "@", ""));
    }
    return place + "/" + uri.getDatabase();
  }

  /**
   * Talks to Redis, and turns what Lettuce throws into our own.
   *
   * @throws InvalidSettingException if Redis refuses for a reason that waiting does not remove
   * @throws TradesyncException if Redis cannot be reached or refuses otherwise
   */
  public <T> T call(Supplier<T> commands) {
    try {
      return commands.get();
    } catch (RedisException | CancellationException e) {
      throw settingAtFault(e)
          .<TradesyncException>map(fault -> fault)
          .orElseGet(
              () ->
                  new TradesyncException(
                      "Redis at " + address() + ": " + reason(e), showsArguments(e) ? null : e));
    }
  }

  private Optional<InvalidSettingException> settingAtFault(Throwable failure) {
    String rule =
        switch (errorCode(failure)) {
          case "WRONGPASS", "NOAUTH" -> "must carry a user and a password that Redis accepts";
          case "NOPERM" -> "must carry a user who may use streams and consumer groups";
          default ->
              reason(failure).toLowerCase(Locale.ROOT).contains("db index is out of range")
                  ? "must name a database that Redis has"
                  : null;
        };
    return Optional.ofNullable(rule)
        .map(
            text ->
                new InvalidSettingException(
                    "redisUri", address(), text + " (" + reason(failure) + ")"));
  }

  /** The first word of an error that Redis answered, empty if it answered none. */
  public static String errorCode(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisCommandExecutionException && cause.getMessage() != null) {
        return cause.getMessage().split(" ", 2)[0];
      }
    }
    return "";
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof CancellationException) {
      return "the connection was lost";
    }
    String message = root.getMessage();
    if (message == null) {
      return root.getClass().getSimpleName();
    }
    String line = message.lines().findFirst().orElse("").split(ARGUMENTS, 2)[0];
    return NAMED_USER.matcher(line).replaceFirst("this user has no permissions");
  }

  private static boolean showsArguments(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && cause.getMessage().contains(ARGUMENTS)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    close(TIMEOUT);
  }

  /**
   * Closes the client, if it is this link's own, and with it its connections.
   *
   * @param atMost how long to wait for that; it goes on by itself afterwards
   */
  public void close(Duration atMost) {
    RedisClient client;
    synchronized (this) {
      closed = true;
      client = own;
      own = null;
    }
    if (client == null) {
      return;
    }
    Future<Void> shutdown = client.shutdownAsync(0, TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    try {
      shutdown.get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("the client of {} is still closing", address(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
