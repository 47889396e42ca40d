package io.tradesync.examples.service.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request before a thread works on it. So a client that sends its body slowly
 * holds a connection and at most {@code maxBytes}, but no thread. Refuses bodies that are too long
 * or take too long.
 *
 * <p>Every other answer is given by a handler behind this one, so after its body was read. Of a
 * body that is refused, the rest is read away within bounds: a connection that is closed with bytes
 * unread is reset, and a client that still sends then never sees the answer.
 */
final class BodyReader extends Handler.Wrapper {

  /** How much of a refused body is read away. */
  private static final long MAX_READ_AWAY = 1_048_576;

  private static final Duration MAX_READ_AWAY_TIME = Duration.ofSeconds(2);

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
    Reading reading = new Reading(request, response, callback);
    if (request.getLength() <= maxBytes) {
      reading.read();
    } else if (request.getHeaders().contains(HttpHeader.EXPECT)) {
      // The client sends its body only if it is asked for.
      EarlyAnswer.write(response, callback, tooLong());
    } else {
      reading.refuse(tooLong());
      reading.read();
    }
    return true;
  }

  private Problem tooLong() {
    return new Problem(413, "the body is longer than " + maxBytes + " bytes");
  }

  private void answer(Request request, byte[] body, Response response, Callback callback) {
    try {
      if (!super.handle(new RequestWithBody(request, body), response, callback)) {
        Response.writeError(request, response, callback, 404);
      }
    } catch (Exception e) {
      Response.writeError(request, response, callback, e);
    }
  }

  /** The body of one request: collected until it is complete, or refused and read away. */
  private final class Reading {

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /** The body is complete or refused, whichever came first. */
    private final AtomicBoolean decided = new AtomicBoolean();

    private final CompletableFuture<Void> refusalSent = new CompletableFuture<>();
    private final CompletableFuture<Void> restRead = new CompletableFuture<>();
    private final Scheduler.Task late;
    private long readAway;

    Reading(Request request, Response response, Callback callback) {
      this.request = request;
      this.response = response;
      this.callback = callback;
      this.late = after(timeout, this::refuseLate);
    }

    private Scheduler.Task after(Duration delay, Runnable task) {
      return request
          .getComponents()
          .getScheduler()
          .schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void refuseLate() {
      refuse(new Problem(408, "the body did not arrive within " + timeout.toSeconds() + " s"));
    }

    /** Reads what has arrived, and is called again when more has. */
    void read() {
      while (readAway < MAX_READ_AWAY) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          request.demand(this::read);
          return;
        }
        if (Content.Chunk.isFailure(chunk)) {
          refuse(new Problem(400, "the body could not be read"));
          break;
        }
        take(chunk.getByteBuffer());
        chunk.release();
        if (chunk.isLast()) {
          pass();
          break;
        }
      }
      restRead.complete(null);
    }

    private void take(ByteBuffer bytes) {
      if (body.size() + bytes.remaining() > maxBytes) {
        refuse(tooLong());
      }
      if (decided.get()) {
        readAway += bytes.remaining();
      } else {
        body.writeBytes(BufferUtil.toArray(bytes));
      }
    }

    private void pass() {
      if (decided.compareAndSet(false, true)) {
        late.cancel();
        answer(request, body.toByteArray(), response, callback);
      }
    }

    void refuse(Problem problem) {
      if (decided.compareAndSet(false, true)) {
        late.cancel();
        after(MAX_READ_AWAY_TIME, () -> restRead.complete(null));
        CompletableFuture<Void> unused =
            CompletableFuture.allOf(refusalSent, restRead).thenRun(callback::succeeded);
        EarlyAnswer.write(response, Callback.from(() -> refusalSent.complete(null)), problem);
      }
    }
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
