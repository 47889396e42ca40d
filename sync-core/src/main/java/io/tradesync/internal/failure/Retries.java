package io.tradesync.internal.failure;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TransactionMisusedException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Tries again after failures that may pass, with growing pauses and jitter. Thread-safe. */
public final class Retries {

  private static final Duration BRIEF = Duration.ofSeconds(1);

  /** A call that returns nothing. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  private final FailureClassifier failures;
  private final ActivityListener listener;
  private final Retry connectionFailures;
  private final Retry alsoUnknownFailures;

  /**
   * Sets how often and how fast to try again.
   *
   * @param maxAttempts how often a call is made in all
   * @param delay the pause before the second attempt; each further one is half as long again
   * @param listener hears of each failure after which a call is tried again; never throws
   */
  public Retries(
      FailureClassifier failures, int maxAttempts, Duration delay, ActivityListener listener) {
    this.failures = failures;
    this.listener = listener;
    RetryConfig config =
        RetryConfig.custom()
            .maxAttempts(maxAttempts)
            .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(delay))
            .retryOnException(this::mayPass)
            .build();
    this.connectionFailures = retry("tradesync-connection", config);
    this.alsoUnknownFailures =
        retry(
            "tradesync-unknown",
            RetryConfig.from(config).retryOnException(e -> mayPass(e) || isUnknown(e)).build());
  }

  private Retry retry(String name, RetryConfig config) {
    Retry retry = Retry.of(name, config);
    retry
        .getEventPublisher()
        .onRetry(again -> listener.tryingAgain(failures.kind(again.getLastThrowable())));
    return retry;
  }

  private boolean mayPass(Throwable failure) {
    return !isFinal(failure)
        && !(failure instanceof SideUnavailableException gone && gone.isTimeout())
        && failures.isConnectionFailure(failure);
  }

  private boolean isUnknown(Throwable failure) {
    return !isFinal(failure) && failures.kind(failure) == FailureKind.UNKNOWN;
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof LeaseLostException
        || failure instanceof InvalidSettingException
        || failure instanceof WriteCancelledException
        || (failure instanceof SideUnavailableException side && side.isSetting())
        || FailureClassifier.cause(failure, SinkUnavailableException.class).isPresent();
  }

  /** Calls until it succeeds; tries again after connection failures and those of unknown kind. */
  public <T> T patiently(Callable<T> call) throws Exception {
    return alsoUnknownFailures.executeCallable(call);
  }

  /** Calls until it succeeds; tries again after connection failures only. */
  public <T> T call(Callable<T> call) throws Exception {
    return connectionFailures.executeCallable(call);
  }

  /**
   * Calls a side until it succeeds; tries again after connection failures only.
   *
   * @throws TradesyncException the last failure, if it is one
   * @throws SideUnavailableException for the side, if the last failure is another exception
   */
  public <T> T on(Side side, Callable<T> call) {
    return on(side, call, connectionFailures);
  }

  /**
   * Calls the sink in a transaction of the log until it succeeds, as {@link #on} does.
   *
   * @throws SideUnavailableException for the sink if it failed, unless the store does not answer a
   *     probe then: for the store
   */
  public <T> T onSink(SyncLog log, Callable<T> call) {
    try {
      return on(Side.STORE, call);
    } catch (SideUnavailableException e) {
      if (e.side() == Side.SINK && !Thread.currentThread().isInterrupted()) {
        runBriefly(Side.STORE, log::probe);
      }
      throw e;
    }
  }

  /**
   * As {@link #on}, but makes no further attempt a second after the first one began: a broken
   * connection is replaced, and nobody waits twice for a pool that has none to give.
   */
  public void runBriefly(Side side, Action action) {
    on(side, returning(action), brief());
  }

  private static Callable<Boolean> returning(Action action) {
    return () -> {
      action.run();
      return Boolean.TRUE;
    };
  }

  private Retry brief() {
    long began = System.nanoTime();
    RetryConfig config =
        RetryConfig.from(connectionFailures.getRetryConfig())
            .retryOnException(e -> mayPass(e) && System.nanoTime() - began < BRIEF.toNanos())
            .build();
    return retry("tradesync-brief", config);
  }

  private static <T> T on(Side side, Callable<T> call, Retry retry) {
    try {
      return retry.executeCallable(call);
    } catch (SinkUnavailableException | SinkErrorException | TransactionMisusedException e) {
      throw SideUnavailableException.unreachable(Side.SINK, FailureText.reason(e), e);
    } catch (TradesyncException e) {
      throw e;
    } catch (Exception e) {
      throw SideUnavailableException.unreachable(side, FailureText.reason(e), e);
    }
  }

  /** Returns a side's interface whose methods all try again as {@link #on} does. */
  public <T> T around(Class<T> type, T target, Side side) {
    return proxy(type, target, call -> on(side, call));
  }

  /** Returns a side's interface whose methods all try again as {@link #runBriefly} does. */
  public <T> T brieflyAround(Class<T> type, T target, Side side) {
    return proxy(type, target, call -> on(side, call, brief()));
  }

  private static <T> T proxy(Class<T> type, T target, Retrying retrying) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) ->
                retrying.call(
                    () -> {
                      try {
                        Object answer = method.invoke(target, args);
                        // A part of a side is tried again as the side itself.
                        return type.isInstance(answer)
                            ? proxy(type, type.cast(answer), retrying)
                            : answer;
                      } catch (InvocationTargetException e) {
                        if (e.getCause() instanceof Exception cause) {
                          throw cause;
                        }
                        if (e.getCause() instanceof Error error) {
                          throw error;
                        }
                        throw e;
                      }
                    })));
  }

  @FunctionalInterface
  private interface Retrying {
    @Nullable Object call(Callable<@Nullable Object> call);
  }
}
