package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a receiver that goes by revisions, in another process than the library. Its
 * answers are lost, it receives some requests again later and out of order, and the library's
 * process is killed at random. Runs (some compare only what is not verified), forces and a live
 * path write, which brings trades that are current, stale, at another key, or not at the source. In
 * the end the receiver must equal the source.
 */
class RevisionHistoriesTest {

  private static final long SEED = Long.getLong("tradesync.seed", 20261126);
  private static final int HISTORIES_PER_KILL = 6;

  /** A history begins with what the one before left, unless it begins with nothing. */
  private static final int HISTORIES_PER_SERVICE = 10;

  private static final long FAR_APART = 10_000;

  /** When the library's process is killed. The next history with a kill has the next moment. */
  private enum Moment {
    AT_RANDOM,
    BEFORE_A_REQUEST_IS_APPLIED,
    AFTER_A_REQUEST_IS_APPLIED
  }

  /** Plays one history after the other, with a source, a store and a receiver of its own. */
  private static final class Player implements AutoCloseable {

    private final Random random;
    private final PonderTables ponder = new PonderTables();
    private final PostgresServer.Database store = PostgresServer.get().newDatabase();
    private final Jdbi stored = Jdbi.create(store.dataSource());
    private final Map<String, Long> applied = new HashMap<>();
    private final Map<String, String> held = new TreeMap<>();
    private final List<String> requests = new ArrayList<>();
    private final Map<String, Trade> trades = new TreeMap<>();
    private final HttpServer receiver;
    private final List<String> story = Collections.synchronizedList(new ArrayList<>());
    private final Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
    private boolean calm;
    private long secondsApart = 1;
    private volatile @Nullable Moment killDue;
    private volatile @Nullable Library library;

    Player(long seed) throws IOException {
      random = new Random(seed);
      ponder.create("bigint", "");
      receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      receiver.setExecutor(Executors.newCachedThreadPool());
      receiver.createContext(
          "/",
          call -> {
            String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int status = receive(body);
            if (status > 0) {
              call.sendResponseHeaders(status, -1);
            }
            call.close();
          });
      receiver.start();
    }

    @Override
    public void close() {
      kill();
      receiver.stop(0);
      ponder.close();
      store.close();
    }

    /** Returns the status to answer; 0 if the answer is lost. */
    private synchronized int receive(String body) {
      int what = calm ? 9 : random.nextInt(10);
      requests.add(body);
      story.add(what + ": " + body.replace('\n', ','));
      if (what == 0 || killIfDue(Moment.BEFORE_A_REQUEST_IS_APPLIED)) {
        return 503; // not applied now, but perhaps later
      }
      apply(body);
      if (killIfDue(Moment.AFTER_A_REQUEST_IS_APPLIED)) {
        return 0;
      }
      return what == 1 ? 0 : what == 2 ? 503 : 200;
    }

    private synchronized boolean killIfDue(Moment moment) {
      Library working = library;
      if (killDue != moment || working == null) {
        return false;
      }
      killDue = null;
      kills.merge(moment, 1, Integer::sum);
      story.add("killed " + moment);
      working.kill();
      return true;
    }

    private synchronized void apply(String body) {
      for (String line : body.split("\n")) {
        String[] fields = line.split(" ", 3);
        long revision = Long.parseLong(fields[1]);
        if (revision > applied.getOrDefault(fields[0], 0L)) {
          applied.put(fields[0], revision);
          held.remove(fields[0]);
          if (fields.length == 3) {
            held.put(fields[0], fields[2]);
          }
        }
      }
    }

    private synchronized void receiveSomeAgain() {
      List<String> again = new ArrayList<>(requests);
      Collections.shuffle(again, random);
      again.subList(0, again.size() / 2).forEach(this::apply);
    }

    private synchronized Map<String, String> held() {
      return new TreeMap<>(held);
    }

    private synchronized void begin(boolean withNothing) {
      if (withNothing) {
        applied.clear();
        held.clear();
        trades.clear();
        ponder.execute("truncate order_book_trades");
        // A trade that is younger than the others, so that those are below the verified second.
        Trade last = StoreFixture.trade("last", 1_754_500_000L, 1, 1);
        ponder.change(List.of(), List.of(last));
        trades.put(last.id(), last);
      }
      calm = false;
      requests.clear();
      story.clear();
    }

    /** A process that holds the library, and what it answers. */
    private record Library(Process process, BufferedReader answers) {

      void kill() {
        process.destroyForcibly().onExit().join();
      }
    }

    private Library library() throws IOException {
      Library working = library;
      if (working == null) {
        working = newLibrary();
        library = working;
        assertThat(answer(working.answers)).isEqualTo("ready");
      }
      return working;
    }

    private Library newLibrary() throws IOException {
      Process process =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/java",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  RevisionProcess.class.getName(),
                  ponder.database.jdbcUrl(),
                  store.jdbcUrl(),
                  "http://127.0.0.1:" + receiver.getAddress().getPort() + "/")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new Library(
          process,
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }

    private static String answer(BufferedReader lines) throws IOException {
      String line = lines.readLine();
      while (line != null && !line.startsWith(RevisionProcess.ANSWER)) {
        line = lines.readLine();
      }
      assertThat(line).as("the answer of the library's process").isNotNull();
      return line.substring(RevisionProcess.ANSWER.length());
    }

    /** Waits for an answer, or for the end of the process, whichever comes first. */
    private static String answerOrEnd(BufferedReader lines) {
      try {
        String line = lines.readLine();
        while (line != null && !line.startsWith(RevisionProcess.ANSWER)) {
          line = lines.readLine();
        }
        return String.valueOf(line);
      } catch (IOException e) {
        return "none"; // a process that is killed closes what is read from it
      }
    }

    private void kill() {
      Library working = library;
      if (working != null) {
        working.kill();
        library = null;
      }
    }

    /** The lease of a process that was killed ends by itself; this is that moment. */
    private void endLease(String service) {
      stored.useHandle(
          handle ->
              handle.execute(
                  "update sync_lease set expires_at = clock_timestamp() where service = ?",
                  service));
    }

    private void order(String service, String kind) throws IOException {
      OutputStream commands = library().process.getOutputStream();
      commands.write((service + " " + kind + "\n").getBytes(StandardCharsets.UTF_8));
      commands.flush();
    }

    /** Carries out an order in which the process dies, unless the order sends no request. */
    private void runAndKill(String service, String kind) throws Exception {
      order(service, kind);
      if (killDue == Moment.AT_RANDOM) {
        Thread.sleep(random.nextInt(60)); // the moment of the kill, not a condition
        boolean ignored = killIfDue(Moment.AT_RANDOM);
      }
      String answer = answerOrEnd(library().answers);
      story.add(kind + " before a kill: " + answer);
      if (killDue == null) {
        kill();
        endLease(service);
      }
    }

    private String run(String service, String kind) throws IOException {
      order(service, kind);
      String answer = answer(library().answers);
      story.add(kind + ": " + answer);
      return answer;
    }

    private void change() {
      List<String> removed = new ArrayList<>();
      Map<String, Trade> put = new TreeMap<>();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        String id = "t" + random.nextInt(8);
        removed.add(id);
        trades.remove(id);
        put.remove(id);
        if (random.nextInt(4) > 0) {
          Trade trade = any(id);
          put.put(id, trade);
          trades.put(id, trade);
        }
      }
      ponder.change(removed, put.values());
      story.add("source -" + removed + " +" + put.values());
    }

    private Trade any(String id) {
      long second = 1_754_400_000L + random.nextInt(3) * secondsApart;
      return StoreFixture.trade(id, second, 1 + random.nextInt(2), 1);
    }

    /** Trades of the live path: half of them are at the source, the others may be. */
    private String live() {
      StringBuilder command = new StringBuilder(RevisionProcess.INGEST);
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        String id = "t" + random.nextInt(8);
        Trade trade = random.nextBoolean() ? trades.getOrDefault(id, any(id)) : any(id);
        command.append(' ').append(id).append(':').append(trade.epochSecond());
        command.append(':').append(trade.price());
      }
      return command.toString();
    }

    private String anyOrder() {
      int kind = random.nextInt(9);
      return kind < 3
          ? live()
          : kind == 3 ? "force" : kind < 6 ? RevisionProcess.UNVERIFIED : "run";
    }

    void play(int number) throws Exception {
      String service = "history" + number / HISTORIES_PER_SERVICE;
      begin(number % HISTORIES_PER_SERVICE == 0);
      // Half of the histories have trades that are never compared or verified together.
      secondsApart = number % 2 == 0 ? 1 : FAR_APART;
      int steps = 2 + random.nextInt(5);
      boolean isKilled = number % HISTORIES_PER_KILL == HISTORIES_PER_KILL - 1;
      Moment moment = Moment.values()[number / HISTORIES_PER_KILL % Moment.values().length];
      int killedAt = random.nextInt(steps);
      for (int step = 0; step < steps; step++) {
        change();
        String kind = anyOrder();
        if (isKilled && step == killedAt) {
          Library ignored = library();
          killDue = moment;
        }
        if (killDue != null) {
          runAndKill(service, kind);
        } else {
          run(service, kind);
        }
        if (random.nextInt(3) == 0) {
          receiveSomeAgain();
        }
      }
      calm = true;
      killDue = null;
      String last = "";
      for (int i = 0; i < 5 && !last.startsWith("0 0 "); i++) {
        last = run(service, RevisionProcess.WITH_HEALTH);
      }
      receiveSomeAgain();
      Map<String, String> expected = new TreeMap<>();
      trades.values().forEach(t -> expected.put(t.id(), t.epochSecond() + " " + t.price()));
      assertThat(last).as("history %d of seed %d", number, SEED).startsWith("0 0 ");
      assertThat(held())
          .as("history %d of seed %d:%n%s", number, SEED, String.join("\n", story))
          .isEqualTo(expected);
    }
  }

  private static Callable<Boolean> histories(Player player, int first, int count) {
    return () -> {
      for (int number = first; number < first + count; number++) {
        player.play(number);
      }
      return true;
    };
  }

  /** Two players, so that two cores are at work. */
  private static void play(int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Player first = new Player(SEED);
        Player second = new Player(SEED + 1)) {
      int half = count / 2;
      for (Future<Boolean> played :
          threads.invokeAll(
              List.of(histories(first, 0, half), histories(second, half, count - half)))) {
        assertThat(played.get()).isTrue();
      }
      for (Moment moment : Moment.values()) {
        assertThat(first.kills.getOrDefault(moment, 0) + second.kills.getOrDefault(moment, 0))
            .as("kills %s", moment)
            .isPositive();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aReceiverByRevisionEqualsTheSourceInTheEnd() throws Exception {
    play(50);
  }

  @Test
  @Tag("long")
  void aReceiverByRevisionEqualsTheSourceInTheEndOfAThousandHistories() throws Exception {
    play(1_000);
  }
}
