package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each public method of a closed engine refuses, but for those that only stop something. */
class ClosedEngineTest {

  private static final Set<String> STILL_ALLOWED = Set.of("cancel", "stop", "close", "committed");

  /** Arguments of methods that check them, or that would do something with others. */
  private static final Map<Class<?>, Object> ARGUMENTS =
      Map.of(
          int.class,
          1,
          long.class,
          1L,
          String.class,
          "any",
          Duration.class,
          Duration.ofMinutes(1),
          Instant.class,
          Instant.EPOCH,
          List.class,
          List.of(),
          Collection.class,
          List.of(),
          RunOptions.class,
          RunOptions.DEFAULT,
          KeyRange.class,
          KeyRange.all(),
          TradeKey.class,
          TradeKey.MIN);

  static Stream<Method> methods() {
    return Arrays.stream(SyncEngine.class.getMethods())
        .filter(method -> method.getDeclaringClass() != Object.class)
        .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isBridge())
        .filter(method -> !STILL_ALLOWED.contains(method.getName()));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void isRefused(Method method) throws Exception {
    InMemoryTradeSource source = new InMemoryTradeSource();
    source.put(SampleTrades.trade("a", SampleTrades.T0));
    InMemorySyncLog log = new InMemorySyncLog();
    SyncEngine engine =
        SyncEngine.builder()
            .source(source)
            .log(log)
            .sink(
                batch -> {
                  throw new AssertionError("a closed engine wrote");
                })
            .build();
    engine.close();
    @Nullable Object[] arguments =
        Arrays.stream(method.getParameterTypes()).map(ARGUMENTS::get).toArray();

    Optional<Throwable> thrown = Optional.empty();
    try {
      Object ignored = method.invoke(engine, arguments);
    } catch (InvocationTargetException e) {
      thrown = Optional.of(e.getCause());
    }

    assertThat(thrown).get().isInstanceOf(IllegalStateException.class);
    assertThat(log.runs().latest(1)).isEmpty();
  }
}
