package io.tradesync.examples.service.http;

import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Limits how many calls are worked on at the same time, so that threads are left to answer the
 * probes and to refuse what is too much.
 */
final class LoadLimit extends Handler.Wrapper {

  private static final Set<String> PROBES = Set.of("/healthz", "/readyz");

  private final Semaphore places;

  LoadLimit(int calls, Handler next) {
    super(next);
    this.places = new Semaphore(calls);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (PROBES.contains(Request.getPathInContext(request))) {
      return super.handle(request, response, callback);
    }
    if (!places.tryAcquire()) {
      EarlyAnswer.write(
          response, callback, new Problem(503, "too many calls at the same time; try again"));
      return true;
    }
    AtomicBoolean released = new AtomicBoolean();
    Runnable release =
        () -> {
          if (released.compareAndSet(false, true)) {
            places.release();
          }
        };
    boolean handled = false;
    try {
      handled = super.handle(request, response, Callback.from(callback, release));
      return handled;
    } finally {
      if (!handled) {
        release.run();
      }
    }
  }
}
