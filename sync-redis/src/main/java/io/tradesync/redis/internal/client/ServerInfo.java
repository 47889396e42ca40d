package io.tradesync.redis.internal.client;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.sync.RedisCommands;
import org.jspecify.annotations.Nullable;

/**
 * What a server tells about itself.
 *
 * @param identity changes with each start and each failover; null if this user may not ask
 * @param cluster whether the server is a node of a cluster
 */
public record ServerInfo(@Nullable String identity, boolean cluster) {

  public static ServerInfo ask(RedisCommands<String, String> redis) {
    try {
      String server = redis.info("server");
      // A promoted replica is the same process as before, with other data.
      String history = redis.info("replication");
      String process = value("run_id", server);
      return new ServerInfo(
          process == null ? null : process + "/" + value("master_replid", history),
          "cluster".equals(value("redis_mode", server)));
    } catch (RedisCommandExecutionException e) {
      if (RedisErrors.code(e).equals("NOPERM")) {
        return new ServerInfo(null, false);
      }
      throw e;
    }
  }

  private static @Nullable String value(String name, String info) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse(null);
  }
}
