package io.tradesync.internal.failure;

import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sorts failures by what can be done about them. */
public final class FailureClassifier {

  private static final Logger LOG = LoggerFactory.getLogger(FailureClassifier.class);
  private static final int MAX_CAUSES = 16;
  private static final Set<String> CONNECTION_EXCEPTIONS =
      Set.of(
          "java.sql.SQLTransientConnectionException",
          "java.sql.SQLNonTransientConnectionException",
          "java.sql.SQLRecoverableException");

  private final TradeSource source;
  private final SyncLog log;
  private final AnalyticsSink sink;

  /** Takes the sides, which sort the failures that only they understand. */
  public FailureClassifier(TradeSource source, SyncLog log, AnalyticsSink sink) {
    this.source = source;
    this.log = log;
    this.sink = sink;
  }

  /** Sorts a failure: bad trades that the sink named come first, then the answers of the sides. */
  public FailureKind kind(Throwable failure) {
    if (!badTrades(failure).isEmpty()) {
      return FailureKind.DATA;
    }
    return answer(sink::classify, failure)
        .or(() -> answer(log::classify, failure))
        .or(() -> answer(source::classify, failure))
        .orElseGet(() -> isNetwork(failure) ? FailureKind.NETWORK : FailureKind.UNKNOWN);
  }

  /** Returns how a side sorts a failure; empty if it does not know, or fails itself. */
  public static Optional<FailureKind> answer(
      Function<Throwable, Optional<FailureKind>> classify, Throwable failure) {
    try {
      return Objects.requireNonNullElse(classify.apply(failure), Optional.empty());
    } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
      LOG.warn("a side failed to sort a failure: {}", e.getClass().getName());
      return Optional.empty();
    }
  }

  /** Returns the first of a failure and its causes that is of a type. */
  public static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
    return causes(failure).filter(type::isInstance).map(type::cast).findFirst();
  }

  /** Returns whether the network or a side failed, and not the data. */
  public boolean isConnectionFailure(Throwable failure) {
    FailureKind kind = kind(failure);
    return kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT;
  }

  /** Returns the trades that the sink named as bad, with its reasons; empty if it named none. */
  public static Map<TradeKey, String> badTrades(Throwable failure) {
    return cause(failure, BadTradesException.class)
        .map(BadTradesException::reasons)
        .orElse(Map.of());
  }

  static boolean isTimeout(Throwable failure) {
    return causes(failure).anyMatch(FailureClassifier::isNamedTimeout);
  }

  private static boolean isNetwork(Throwable failure) {
    return causes(failure)
        .anyMatch(
            cause ->
                cause instanceof IOException
                    || cause instanceof SideUnavailableException
                    || cause instanceof LateSinkException
                    || isNamedTimeout(cause)
                    || isOfAConnection(cause));
  }

  // This module knows no database. Drivers derive exceptions of their own from these.
  private static boolean isOfAConnection(Throwable cause) {
    return Stream.<Class<?>>iterate(cause.getClass(), type -> type != null, Class::getSuperclass)
        .anyMatch(type -> CONNECTION_EXCEPTIONS.contains(type.getName()));
  }

  // Sockets, HTTP, SQL and Redis clients have timeout exceptions of their own, which share nothing
  // but a word of their names.
  private static boolean isNamedTimeout(Throwable cause) {
    return cause.getClass().getSimpleName().contains("Timeout");
  }

  /** The failure and its causes, which may form a circle. */
  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, FailureClassifier::cause)
        .limit(MAX_CAUSES);
  }

  // A stranger's exception may override this, and fail.
  private static @Nullable Throwable cause(Throwable failure) {
    try {
      return failure.getCause();
    } catch (RuntimeException | StackOverflowError e) {
      return null;
    }
  }
}
