package io.tradesync.examples.service.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request before a thread works on it. So a client that sends its body slowly
 * holds a connection and at most {@code maxBytes}, but no thread. Refuses bodies that are too long
 * or take too long.
 */
final class BodyReader extends Handler.Wrapper {

  private final int maxBytes;
  private final Duration timeout;

  BodyReader(int maxBytes, Duration timeout, Handler next) {
    super(next);
    this.maxBytes = maxBytes;
    this.timeout = timeout;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() == 0) {
      return super.handle(request, response, callback);
    }
    if (request.getLength() > maxBytes) {
      EarlyAnswer.write(response, callback, tooLong());
      return true;
    }
    CompletableFuture<byte[]> body = new CompletableFuture<>();
    Content.Source.asByteArrayAsync(
        request,
        maxBytes,
        Promise.Invocable.from(
            Invocable.InvocationType.NON_BLOCKING, body::complete, body::completeExceptionally));
    if (body.isDone()) {
      answer(request, response, callback, body);
      return true;
    }
    Scheduler.Task late =
        request
            .getComponents()
            .getScheduler()
            .schedule(
                () -> body.completeExceptionally(new TimeoutException()),
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
    CompletableFuture<Void> unused =
        body.handleAsync(
            (bytes, failure) -> {
              late.cancel();
              answer(request, response, callback, body);
              return null;
            },
            request.getComponents().getExecutor());
    return true;
  }

  private void answer(
      Request request, Response response, Callback callback, CompletableFuture<byte[]> body) {
    try {
      byte[] bytes = body.join();
      if (!super.handle(new RequestWithBody(request, bytes), response, callback)) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Exception e) {
      if (body.isCompletedExceptionally()) {
        EarlyAnswer.write(response, callback, refusal(e.getCause()));
      } else {
        Response.writeError(request, response, callback, e);
      }
    }
  }

  private Problem refusal(@Nullable Throwable failure) {
    if (failure instanceof TimeoutException) {
      return new Problem(408, "the body did not arrive within " + timeout.toSeconds() + " s");
    }
    // The reader throws this if there are more bytes than it may read.
    return failure instanceof IllegalStateException
        ? tooLong()
        : new Problem(400, "the body could not be read");
  }

  private Problem tooLong() {
    return new Problem(413, "the body is longer than " + maxBytes + " bytes");
  }

  private static final class RequestWithBody extends Request.Wrapper {

    private final Content.Source body;

    RequestWithBody(Request request, byte[] bytes) {
      super(request);
      body = new ByteBufferContentSource(ByteBuffer.wrap(bytes));
    }

    @Override
    public Content.@Nullable Chunk read() {
      return body.read();
    }

    @Override
    public void demand(Runnable demandCallback) {
      body.demand(demandCallback);
    }

    @Override
    public void fail(Throwable failure) {
      body.fail(failure);
    }
  }
}
