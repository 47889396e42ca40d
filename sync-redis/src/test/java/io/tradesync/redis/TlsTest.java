package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.tradesync.TradesyncException;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, a user, a password and a database's number, all by the URI. */
class TlsTest {

  private static final String STORE_PASSWORD = "changeit";

  @TempDir private static Path directory;
  private static int port;
  private static RedisServer server;

  @BeforeAll
  static void start() throws Exception {
    Path store = directory.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-alias",
                "redis",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storepass",
                STORE_PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, STORE_PASSWORD.toCharArray());
    }
    Path certificate =
        pem("CERTIFICATE", keys.getCertificate("redis").getEncoded(), "certificate.pem");
    Path key =
        pem(
            "PRIVATE KEY",
            keys.getKey("redis", STORE_PASSWORD.toCharArray()).getEncoded(),
            "key.pem");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    server =
        RedisServer.startPrivate(
            List.of(
                "tls-port " + port,
                "tls-cert-file " + certificate,
                "tls-key-file " + key,
                "tls-ca-cert-file " + certificate,
                "tls-auth-clients no",
                "user trader on >s3cret ~* &* +@all",
                "user default on nopass ~* &* +@all"));
    loadClassesOfTls();
  }

  /** That takes seconds on a busy machine, and a connection of the library is opened in five. */
  private static void loadClassesOfTls() {
    RedisClient client = trustingClient();
    RedisURI patient = uri(true, "s3cret");
    patient.setTimeout(Duration.ofMinutes(1));
    try (var connection = client.connect(patient)) {
      assertThat(connection.sync().ping()).isEqualTo("PONG");
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private static RedisClient trustingClient() {
    RedisClient client = RedisClient.create();
    client.setOptions(
        ClientOptions.builder()
            .sslOptions(
                SslOptions.builder()
                    .trustManager(directory.resolve("certificate.pem").toFile())
                    .handshakeTimeout(Duration.ofMinutes(1))
                    .build())
            .build());
    return client;
  }

  private static Path pem(String kind, byte[] der, String name) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        directory.resolve(name),
        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static RedisURI uri(boolean tls, String password) {
    return RedisURI.builder()
        .withHost("localhost")
        .withPort(tls ? port : server.port())
        .withSsl(tls)
        .withAuthentication("trader", password.toCharArray())
        .withDatabase(3)
        .build();
  }

  @Test
  void aCertificateOfOnesOwnIsTrustedByTheClientsOptionsAndTheRestIsInTheUri() {
    RedisClient client = trustingClient();
    RecordingWriter liveWriter = new RecordingWriter();
    try (TradePublisher publisher =
            TradePublisher.builder(uri(true, "s3cret")).client(client).stream("trades").build();
        LiveConsumer consumer =
            LiveConsumer.builder(uri(true, "s3cret"))
                .client(client)
                .streams("trades")
                .blockTime(Duration.ofMillis(100))
                .build()) {
      publisher.publish(range(0, 5));
      consumer.start(liveWriter);
      await().untilAsserted(() -> assertThat(liveWriter.trades()).hasSize(5));
      try (var plain = client.connect(uri(false, "s3cret"))) {
        assertThat(plain.sync().xlen("trades")).as("in database 3").isEqualTo(5);
      }
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  @Test
  void aCertificateThatNobodyTrustsIsRefusedWithoutTellingThePassword() {
    try (TradePublisher publisher =
        TradePublisher.builder(uri(true, "s3cret")).stream("trades").build()) {
      assertThatExceptionOfType(TradesyncException.class)
          .isThrownBy(() -> publisher.publish(range(0, 1)))
          .withMessageContaining("localhost:" + port)
          .satisfies(e -> assertThat(String.valueOf(e.getMessage())).doesNotContain("s3cret"));
    }
  }
}
