package io.tradesync.redis.internal.client;

import io.lettuce.core.XAddArgs;
import io.tradesync.InvalidSettingException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of a stream is kept when an entry is added; at most one of the two is set.
 *
 * @param maxLength the number of entries that are kept at least; null to keep all
 * @param maxAge how long entries are kept at least; null to keep them forever
 */
public record Trimming(@Nullable Long maxLength, @Nullable Duration maxAge) {

  public Trimming {
    if (maxLength != null && maxLength < 1) {
      throw new InvalidSettingException("maxLength", maxLength, "must be at least 1");
    }
    if (maxAge != null && maxAge.compareTo(Duration.ofMillis(1)) < 0) {
      throw new InvalidSettingException("maxAge", maxAge, "must be at least 1 ms");
    }
    if (maxLength != null && maxAge != null) {
      throw new InvalidSettingException("maxAge", maxAge, "must be unset where maxLength is set");
    }
  }

  /** Trims approximately: Redis then removes whole blocks, which costs almost nothing. */
  XAddArgs args() {
    XAddArgs args = new XAddArgs();
    if (maxLength != null) {
      args.maxlen(maxLength).approximateTrimming();
    } else if (maxAge != null) {
      long oldest = Math.max(0, System.currentTimeMillis() - maxAge.toMillis());
      args.minId(oldest + "-0").approximateTrimming();
    }
    return args;
  }
}
