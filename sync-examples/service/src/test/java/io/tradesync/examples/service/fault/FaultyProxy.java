package io.tradesync.examples.service.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server and does harm by a seed: it cuts connections, also in the
 * middle of a message, holds bytes back, falls silent, or refuses everybody. Thread-safe.
 */
final class FaultyProxy implements AutoCloseable {

  /**
   * How often harm is done; each a chance in a thousand for a piece of data that passes.
   *
   * @param cut both ends see a reset, the piece is lost
   * @param truncate a part of the piece passes before that
   * @param delay the piece is held back for up to {@code longestDelayMillis}
   * @param silence nothing passes any more, and nobody is told
   * @param longestDelayMillis the longest delay
   */
  record Plan(int cut, int truncate, int delay, int silence, int longestDelayMillis) {
    static final Plan NONE = new Plan(0, 0, 0, 0, 0);
  }

  private static final int PIECE = 8_192;
  private static final int CONNECT_MILLIS = 5_000;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final long seed;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong cuts = new AtomicLong();
  private final AtomicLong truncations = new AtomicLong();
  private final AtomicLong delays = new AtomicLong();
  private final AtomicLong silences = new AtomicLong();
  private volatile Plan plan = Plan.NONE;
  private volatile boolean refusing;

  FaultyProxy(InetSocketAddress target, long seed) {
    this.target = target;
    this.seed = seed;
    try {
      this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException("a proxy cannot listen", e);
    }
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Sets what is done from now on. */
  void plan(Plan next) {
    plan = next;
  }

  /** Does no harm any more; connections that fell silent are cut, and the others live on. */
  void heal() {
    plan = Plan.NONE;
    links.stream().filter(link -> link.silent).forEach(Link::cut);
  }

  /** Cuts every connection and refuses new ones, until told otherwise. */
  void refuse(boolean value) {
    refusing = value;
    if (value) {
      cutAll();
    }
  }

  /** Cuts every connection that is there now. */
  void cutAll() {
    links.forEach(Link::cut);
  }

  /** How often harm was done so far, in words. */
  String harm() {
    return String.format(
        Locale.ROOT,
        "%d cut, %d truncated, %d delayed, %d silent of %d connections",
        cuts.get(),
        truncations.get(),
        delays.get(),
        silences.get(),
        accepted.get());
  }

  /** How many connections were broken by the plan so far. */
  long broken() {
    return cuts.get() + truncations.get() + silences.get();
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, "proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          reset(client);
          continue;
        }
        connect(client);
      } catch (IOException e) {
        // Closed, or a client that left at once; the next one may stay.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server = new Socket();
    try {
      server.connect(target, CONNECT_MILLIS);
    } catch (IOException e) {
      // As if there were no proxy: the client sees that nobody listens.
      reset(client);
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    long number = accepted.getAndIncrement();
    Link link = new Link(client, server);
    links.add(link);
    if (refusing) {
      link.cut();
    }
    start("up-" + number, () -> link.pump(client, server, new Random(seed + 2 * number)));
    start("down-" + number, () -> link.pump(server, client, new Random(seed + 2 * number + 1)));
  }

  /** Ends a connection so that the other end gets an error and not an end of data. */
  private static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cutAll();
  }

  private final class Link {
    private final Socket client;
    private final Socket server;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean silent;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void cut() {
      ended.countDown();
      reset(client);
      reset(server);
      links.remove(this);
    }

    void pump(Socket from, Socket to, Random random) {
      byte[] piece = new byte[PIECE];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
          int passing = harm(length, random);
          out.write(piece, 0, passing);
          out.flush();
          if (passing < length) {
            cut();
            return;
          }
        }
        // An orderly end, which the other side is to see as one.
        to.shutdownOutput();
      } catch (IOException | InterruptedException e) {
        cut();
      }
    }

    /** Does harm to a piece, if it is its turn; says how much of it passes. */
    private int harm(int length, Random random) throws InterruptedException {
      Plan now = plan;
      int dice = random.nextInt(1_000);
      int part = random.nextInt(length);
      int wait = 1 + random.nextInt(Math.max(1, now.longestDelayMillis()));
      if ((dice -= now.cut()) < 0) {
        cuts.incrementAndGet();
        return 0;
      }
      if ((dice -= now.truncate()) < 0) {
        truncations.incrementAndGet();
        return part;
      }
      if ((dice -= now.delay()) < 0) {
        delays.incrementAndGet();
        ended.await(wait, TimeUnit.MILLISECONDS);
      } else if ((dice -= now.silence()) < 0) {
        silences.incrementAndGet();
        silent = true;
        ended.await();
      }
      return length;
    }
  }
}
