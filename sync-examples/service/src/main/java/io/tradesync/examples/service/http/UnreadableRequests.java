package io.tradesync.examples.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Answers requests that cannot be read as HTTP, which no other handler sees, and whatever else
 * Jetty refuses by itself. Does not repeat what it was sent.
 *
 * <p>What the client still sends is read away within bounds: a connection that is closed with bytes
 * unread is reset, and the client may then never see the answer.
 */
final class UnreadableRequests implements Request.Handler {

  private static final Map<Integer, String> DETAILS =
      Map.of(
          400, "the request cannot be read as HTTP",
          414, "the address of the request is too long",
          431, "the header fields of the request are too large",
          505, "the service speaks HTTP/1.1");

  private static final int BUFFER = 16_384;
  private static final long MAX_READ_AWAY = 1_048_576;
  private static final Duration MAX_READ_AWAY_TIME = Duration.ofSeconds(2);

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    EndPoint connection = request.getConnectionMetaData().getConnection().getEndPoint();
    Rest rest = new Rest(connection, callback);
    request
        .getComponents()
        .getScheduler()
        .schedule(rest::end, MAX_READ_AWAY_TIME.toMillis(), TimeUnit.MILLISECONDS);
    EarlyAnswer.write(
        response,
        Callback.from(rest::readAway, callback::failed),
        new Problem(status, DETAILS.getOrDefault(status, "the request cannot be answered")));
    return true;
  }

  /** The rest of what a client sends. */
  private static final class Rest implements Callback {

    private final EndPoint connection;
    private final Callback whenRead;
    private final ByteBuffer buffer = BufferUtil.allocate(BUFFER);
    private final AtomicBoolean ended = new AtomicBoolean();
    private long read;

    Rest(EndPoint connection, Callback whenRead) {
      this.connection = connection;
      this.whenRead = whenRead;
    }

    void readAway() {
      try {
        // The client sees the end of the answer, and ends as well.
        connection.shutdownOutput();
        int bytes;
        do {
          BufferUtil.clear(buffer);
          bytes = connection.fill(buffer);
          read += Math.max(0, bytes);
        } while (bytes > 0 && read < MAX_READ_AWAY);
        if (bytes != 0 || !connection.tryFillInterested(this)) {
          end();
        }
      } catch (IOException e) {
        end();
      }
    }

    @Override
    public void succeeded() {
      readAway();
    }

    @Override
    public void failed(Throwable failure) {
      end();
    }

    void end() {
      if (ended.compareAndSet(false, true)) {
        whenRead.succeeded();
      }
    }
  }
}
