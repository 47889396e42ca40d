package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users and passwords stay out of whatever can be read afterwards. */
class SecretsTest {

  private static final String USER = "u5er-of-the-test";
  private static final String PASSWORD = "pa55word-of-the-test";
  private static final String WRONG = "wr0ng-of-the-test";
  private static final List<String> SECRETS = List.of(USER, PASSWORD, WRONG);

  private static RedisServer server;
  private static TestStream stream;

  private CapturedLog log;

  @BeforeAll
  static void startServer() {
    server = RedisServer.startPrivate();
    stream = new TestStream(server);
  }

  @AfterAll
  static void stopServer() {
    stream.close();
    server.close();
  }

  @BeforeEach
  void capture() {
    log = new CapturedLog();
    allow("+@all");
  }

  @AfterEach
  void theLogHoldsNoSecret() {
    assertThat(String.join("\n", log.lines())).doesNotContain(SECRETS);
    log.close();
  }

  private static void allow(String commands) {
    stream
        .redis()
        .dispatch(
            CommandType.ACL,
            new StatusOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8)
                .add("SETUSER")
                .add(USER)
                .add("reset")
                .add("on")
                .add(">" + PASSWORD)
                .add("~*")
                .add("&*")
                .add(commands));
  }

  private static RedisURI uri(String password) {
    RedisURI at = stream.uri();
    return uri(at.getHost(), at.getPort(), password);
  }

  private static RedisURI uri(String host, int port, String password) {
    return RedisURI.builder()
        .withHost(host)
        .withPort(port)
        .withAuthentication(USER, password.toCharArray())
        .build();
  }

  private static LiveConsumerBuilder consumer(RedisURI uri) {
    return LiveConsumer.builder(uri)
        .streams(stream.key)
        .consumerName("one")
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(100));
  }

  /** What each of the two says when it is used. */
  private static List<Throwable> failures(RedisURI uri) {
    try (LiveConsumer consumer = consumer(uri).build();
        TradePublisher publisher = TradePublisher.builder(uri).stream(stream.key).build()) {
      assertThat(consumer + " " + publisher + " " + LiveConsumer.builder(uri))
          .doesNotContain(SECRETS);
      Throwable prepared = catchThrowable(consumer::prepare);
      assertThat(String.valueOf(consumer.health())).doesNotContain(SECRETS);
      Throwable published = catchThrowable(() -> publisher.publish(nth(0)));
      return prepared == null ? List.of(published) : List.of(prepared, published);
    }
  }

  private static void assertNoSecret(Throwable thrown) {
    StringWriter all = new StringWriter();
    thrown.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain(SECRETS);
  }

  @Test
  void theRightPasswordWorks() {
    RecordingWriter liveWriter = new RecordingWriter();
    try (LiveConsumer consumer = consumer(uri(PASSWORD)).build();
        TradePublisher publisher =
            TradePublisher.builder(uri(PASSWORD)).stream(stream.key).build()) {
      consumer.start(liveWriter);
      publisher.publish(nth(0));
      await().untilAsserted(() -> assertThat(liveWriter.trades()).containsExactly(nth(0)));
    }
  }

  // Now and then Lettuce tells only that the connection was closed; the next attempt tells why.
  private static void assertFailsWithoutSecrets(RedisURI uri, Consumer<Throwable> reason) {
    List<Throwable> told = new ArrayList<>();
    await()
        .untilAsserted(
            () -> {
              List<Throwable> failures = failures(uri);
              told.addAll(failures);
              assertThat(failures).hasSize(2).allSatisfy(reason);
            });
    assertThat(told).allSatisfy(SecretsTest::assertNoSecret);
  }

  @Test
  void aWrongPasswordIsToldWithoutIt() {
    assertFailsWithoutSecrets(
        uri(WRONG),
        e ->
            assertThat(e)
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("redisUri must carry a user and a password")
                .hasMessageContaining("127.0.0.1:"));
  }

  @Test
  void aUserWithoutRightsIsReportedWithoutTheName() {
    allow("+ping");
    try (LiveConsumer consumer = consumer(uri(PASSWORD)).build()) {
      consumer.prepare();
      consumer.start(new RecordingWriter());
      await()
          .untilAsserted(
              () -> assertThat(consumer.health().reason()).contains("lacks a right on the stream"));
      assertThat(String.valueOf(consumer.health())).doesNotContain(SECRETS);
    }
    assertThat(log.warnings()).isNotEmpty();
    assertThat(failures(uri(PASSWORD)))
        .singleElement()
        .satisfies(SecretsTest::assertNoSecret)
        .satisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining("redisUri must carry a user who may use streams"));
  }

  // As above.
  @Test
  void aDatabaseThatRedisDoesNotHaveIsTold() {
    RedisURI uri = uri(PASSWORD);
    uri.setDatabase(4_711);
    await()
        .untilAsserted(
            () ->
                assertThat(failures(uri))
                    .hasSize(2)
                    .allSatisfy(SecretsTest::assertNoSecret)
                    .allSatisfy(
                        e ->
                            assertThat(e)
                                .isInstanceOf(InvalidSettingException.class)
                                .hasMessageContaining("must name a database that Redis has")
                                .hasMessageContaining("/4711")));
  }

  @Test
  void whereThereIsNoRedisItIsToldWithoutThem() {
    assertThat(failures(uri("127.0.0.1", 1, PASSWORD)))
        .singleElement()
        .satisfies(SecretsTest::assertNoSecret)
        .satisfies(
            e ->
                assertThat(e)
                    .isInstanceOf(TradesyncException.class)
                    .hasMessageContaining("Redis at 127.0.0.1:1/0"));
    assertThat(log.warnings()).singleElement().asString().contains("will start later");
  }

  @Test
  void aConsumerThatRedisShutsOutLogsNoSecret() {
    try (LiveConsumer consumer = consumer(uri(PASSWORD)).build()) {
      consumer.start(new RecordingWriter());
      await().until(() -> consumer.health().up());
      allow("+ping");
      await().until(() -> !consumer.health().up());
      assertThat(String.valueOf(consumer.health())).doesNotContain(SECRETS);
    }
    assertThat(log.warnings()).isNotEmpty();
  }

  // Redis from 7.2 on names the user, older ones do not.
  @Test
  void aServerThatRepeatsTheUsersNameIsNotRepeated() throws IOException {
    try (Parrot parrot =
        new Parrot("-NOPERM User " + USER + " has no permissions to run the 'hello' command")) {
      assertFailsWithoutSecrets(
          uri("127.0.0.1", parrot.port(), PASSWORD),
          e ->
              assertThat(e)
                  .isInstanceOf(InvalidSettingException.class)
                  .hasMessageContaining("'hello'"));
    }
  }

  @Test
  void aServerThatRepeatsACommandsArgumentsIsNotRepeated() throws IOException {
    try (Parrot parrot =
        new Parrot(
            "-ERR unknown command 'AUTH', with args beginning with: '"
                + USER
                + "' '"
                + PASSWORD
                + "'")) {
      assertThat(failures(uri("127.0.0.1", parrot.port(), PASSWORD)))
          .isNotEmpty()
          .allSatisfy(SecretsTest::assertNoSecret);
    }
  }

  /** Something that answers every command with the same line. */
  private static final class Parrot implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
    private final byte[] answer;

    Parrot(String answer) throws IOException {
      this.answer = (answer + "\r\n").getBytes(StandardCharsets.UTF_8);
      Thread thread = new Thread(this::serve, "test-parrot");
      thread.setDaemon(true);
      thread.start();
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept();
            OutputStream out = client.getOutputStream()) {
          byte[] some = new byte[4_096];
          while (client.getInputStream().read(some) > 0) {
            out.write(answer);
            out.flush();
          }
        } catch (IOException e) {
          // The client or the test is done.
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
