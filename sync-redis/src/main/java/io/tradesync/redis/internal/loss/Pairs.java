package io.tradesync.redis.internal.loss;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer of Redis that lists names, each followed by its value. */
public record Pairs(List<?> answer) {

  public static Pairs of(List<?> answer) {
    return new Pairs(answer);
  }

  /** The value of a name; null if the answer does not hold it. */
  public @Nullable Object value(String name) {
    for (int i = 0; i + 1 < answer.size(); i += 2) {
      if (name.equals(answer.get(i))) {
        return answer.get(i + 1);
      }
    }
    return null;
  }

  /** The number of a name; null if the answer holds none. */
  public @Nullable Long number(String name) {
    return value(name) instanceof Long number ? number : null;
  }

  /** The number of a name, or another one if the answer holds none. */
  public long number(String name, long otherwise) {
    Long number = number(name);
    return number == null ? otherwise : number;
  }
}
