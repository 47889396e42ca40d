package io.tradesync.internal.failure;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.LeaseLostException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Tries again what may pass, with growing pauses and jitter. Thread-safe. */
public final class Retries {

  private static final Duration BRIEF = Duration.ofSeconds(1);

  private final Failures failures;
  private final Retry patient;
  private final Retry network;

  /**
   * Makes retries.
   *
   * @param failures sorts what goes wrong
   * @param maxAttempts how often something is tried in all
   * @param delay how long to wait before the second attempt; grows by half each time
   */
  public Retries(Failures failures, int maxAttempts, Duration delay) {
    this.failures = failures;
    RetryConfig config =
        RetryConfig.custom()
            .maxAttempts(maxAttempts)
            .intervalFunction(IntervalFunction.ofExponentialRandomBackoff(delay))
            .retryOnException(this::mayPass)
            .build();
    this.network = Retry.of("tradesync-network", config);
    this.patient =
        Retry.of(
            "tradesync-patient",
            RetryConfig.from(config).retryOnException(e -> mayPass(e) || isUnknown(e)).build());
  }

  private boolean mayPass(Throwable failure) {
    if (failure instanceof LeaseLostException
        || (failure instanceof SideUnavailableException gone && gone.isTimeout())) {
      return false;
    }
    FailureKind kind = failures.kind(failure);
    return kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT;
  }

  private boolean isUnknown(Throwable failure) {
    return !(failure instanceof LeaseLostException)
        && failures.kind(failure) == FailureKind.UNKNOWN;
  }

  /**
   * Calls until it succeeds; also failures of an unknown kind are tried again.
   *
   * @param <T> what is returned
   * @param call what to do
   * @return what it returned
   * @throws Exception what the last attempt threw
   */
  public <T> T patiently(Callable<T> call) throws Exception {
    return patient.executeCallable(call);
  }

  /**
   * Calls until it succeeds; only failures of the network and passing ones are tried again.
   *
   * @param <T> what is returned
   * @param call what to do
   * @return what it returned
   * @throws Exception what the last attempt threw
   */
  public <T> T call(Callable<T> call) throws Exception {
    return network.executeCallable(call);
  }

  /**
   * Calls a side until it succeeds.
   *
   * @param <T> what is returned
   * @param side the side
   * @param call what to do there
   * @return what it returned
   * @throws TradesyncException what the last attempt threw; {@link SideUnavailableException} for
   *     the side if it was an exception of another kind
   */
  public <T> T on(Side side, Callable<T> call) {
    return on(side, call, network);
  }

  /**
   * As {@link #on(Side, Callable)}, for a side that may be gone: a connection that was broken is
   * tried again, but nobody waits more than once for one that cannot be had.
   *
   * @param <T> what is returned
   * @param side the side
   * @param call what to do there
   * @return what it returned
   * @throws TradesyncException as {@link #on(Side, Callable)}
   */
  public <T> T briefly(Side side, Callable<T> call) {
    long began = System.nanoTime();
    RetryConfig config =
        RetryConfig.from(network.getRetryConfig())
            .retryOnException(e -> mayPass(e) && System.nanoTime() - began < BRIEF.toNanos())
            .build();
    return on(side, call, Retry.of("tradesync-brief", config));
  }

  private static <T> T on(Side side, Callable<T> call, Retry retry) {
    try {
      return retry.executeCallable(call);
    } catch (TradesyncException e) {
      throw e;
    } catch (Exception e) {
      throw SideUnavailableException.unreachable(side, Failures.reason(e), e);
    }
  }

  /**
   * Makes every method of a side's interface try again.
   *
   * @param <T> the interface
   * @param type the interface
   * @param target what to call
   * @param side the side
   * @return the same, with retries
   */
  public <T> T around(Class<T> type, T target, Side side) {
    return proxy(type, target, call -> on(side, call));
  }

  /**
   * Makes every method of a side's interface try again, {@linkplain #briefly briefly}.
   *
   * @param <T> the interface
   * @param type the interface
   * @param target what to call
   * @param side the side
   * @return the same, with retries
   */
  public <T> T brieflyAround(Class<T> type, T target, Side side) {
    return proxy(type, target, call -> briefly(side, call));
  }

  private static <T> T proxy(Class<T> type, T target, UnaryCall retrying) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) ->
                retrying.call(
                    () -> {
                      try {
                        return method.invoke(target, args);
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

  /** Calls, with retries of one kind or the other. */
  @FunctionalInterface
  private interface UnaryCall {
    @Nullable Object call(Callable<@Nullable Object> call);
  }
}
