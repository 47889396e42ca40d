package io.tradesync.redis.internal.client;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ConnectionFuture;
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
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to a Redis server, to one behind Sentinels, or to the nodes of a cluster. No
 * message holds a user name or a password. Thread-safe.
 */
public final class RedisLink implements AutoCloseable {

  /** How long opening a connection may take, and the answer to a command that does not block. */
  public static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private static final int MAX_HOPS = 5;

  private final RedisURI uri;
  private final @Nullable RedisClient callers;
  private @Nullable RedisClient own;
  private boolean closed;

  /** Connects through the callers' client, or, if there is none, through one of its own. */
  public RedisLink(RedisURI uri, @Nullable RedisClient callers) {
    this.uri = uri;
    this.callers = callers;
  }

  /**
   * Opens a connection, which the caller closes. A connection that is lost is closed, also if the
   * callers' client reconnects by itself: a silent reconnection would hide that data were lost.
   *
   * @param blocking the longest time that a command may block; {@link #TIMEOUT} later it times out
   */
  public StatefulRedisConnection<String, String> connect(Duration blocking) {
    return connect(uri, blocking);
  }

  /** Opens a connection to the node of a cluster that holds a key, or to the only server. */
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
          // Any other error comes again when the key is used.
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

  /** The node that a MOVED answer names. */
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

  /** Opens a connection to each master of a cluster; the caller closes them. */
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
        client().connectAsync(LosslessCodec.INSTANCE, at);
    try {
      StatefulRedisConnection<String, String> connection =
          opening.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      connection.setTimeout(blocking.plus(TIMEOUT));
      connection.addListener(
          new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> lost) {
              // Lettuce warns if a connection is closed twice.
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

  /** Closes a connection, unless it is closed; Lettuce warns if that is done twice. */
  public static void close(StatefulRedisConnection<String, String> connection) {
    if (!(connection instanceof RedisChannelHandler<?, ?> handler && handler.isClosed())) {
      connection.close();
    }
  }

  /** The answer to a command that has ended. */
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
      ClientOptions.Builder options =
          ClientOptions.builder()
              .autoReconnect(false)
              .socketOptions(
                  SocketOptions.builder().connectTimeout(TIMEOUT).keepAlive(true).build());
      disableMaintenanceNotifications(options);
      own.setOptions(options.build());
    }
    return own;
  }

  /** From Lettuce 7 on a client asks for notifications of maintenance, which only a cloud sends. */
  private static void disableMaintenanceNotifications(ClientOptions.Builder options) {
    try {
      Class<?> config = Class.forName("io.lettuce.core.MaintNotificationsConfig");
      ClientOptions.Builder.class
          .getMethod("maintNotificationsConfig", config)
          .invoke(options, config.getMethod("disabled").invoke(null));
    } catch (ReflectiveOperationException e) {
      LOG.debug("this version of Lettuce has no such notifications", e);
    }
  }

  /** The host, the port and the database; nothing else of the URI. */
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
   * Sends commands, and turns the exceptions of Lettuce into those of this library.
   *
   * @throws InvalidSettingException if Redis refuses for a reason that waiting does not remove
   * @throws TradesyncException if Redis cannot be reached or refuses otherwise
   */
  public <T> T call(Supplier<T> commands) {
    try {
      return commands.get();
    } catch (RedisException | CancellationException e) {
      throw RedisErrors.translate(e, address());
    }
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
