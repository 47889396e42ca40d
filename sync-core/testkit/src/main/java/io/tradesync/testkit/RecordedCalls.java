package io.tradesync.testkit;

import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.SyncLog;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Wraps a log, a source or a sink, and keeps the latest calls with their answers. Thread-safe. */
final class RecordedCalls {

  private static final int KEPT = 5;
  private static final int MAX_LENGTH = 1_000;

  private final List<String> calls = new ArrayList<>();

  SyncLog of(SyncLog log) {
    return recorded(SyncLog.class, log, "");
  }

  TradeSource of(TradeSource source) {
    return recorded(TradeSource.class, source, "");
  }

  AnalyticsSink of(AnalyticsSink sink) {
    return sink instanceof TransactionalSink
        ? recorded(TransactionalSink.class, (TransactionalSink<?>) sink, "")
        : recorded(AnalyticsSink.class, sink, "");
  }

  /** The latest calls, one a line, the last one last. */
  synchronized String latest() {
    return String.join("\n", calls.subList(Math.max(0, calls.size() - KEPT), calls.size()));
  }

  private synchronized void add(String call, Object answer) {
    String line = "  " + call + " -> " + answer;
    calls.add(line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + "..." : line);
  }

  private <T> T recorded(Class<T> type, T target, String path) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(target, method, arguments, path));
    return type.cast(proxy);
  }

  private Object call(Object target, Method method, Object[] arguments, String path)
      throws Throwable {
    String call = path + method.getName() + "(" + inWords(arguments) + ")";
    try {
      if (method.getName().equals("transact")) {
        return method.invoke(target, arguments[0], recorded((LogWork<?>) arguments[1]));
      }
      Object answer = method.invoke(target, arguments);
      if (isView(method)) {
        return recordedView(method.getReturnType(), answer, call + ".");
      }
      add(call, method.getReturnType() == void.class ? "done" : answer);
      return answer;
    } catch (InvocationTargetException e) {
      Throwable failure = Objects.requireNonNull(e.getCause());
      add(call, failure);
      throw failure;
    }
  }

  private static boolean isView(Method method) {
    Class<?> type = method.getReturnType();
    return method.getDeclaringClass() == SyncLog.class
        && type.isInterface()
        && type.getPackage() == SyncLog.class.getPackage();
  }

  private <T> T recordedView(Class<T> type, Object view, String path) {
    return recorded(type, type.cast(view), path);
  }

  private <R> LogWork<R> recorded(LogWork<R> work) {
    return transaction -> work.apply(recorded(LogTransaction.class, transaction, "transact: "));
  }

  private static String inWords(Object[] arguments) {
    return arguments == null
        ? ""
        : Arrays.stream(arguments).map(String::valueOf).collect(Collectors.joining(", "));
  }
}
