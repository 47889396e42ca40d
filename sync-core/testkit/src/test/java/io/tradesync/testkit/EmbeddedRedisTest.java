package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EmbeddedRedisTest {

  @Test
  void aServerKeepsAddressAndDataUntilItIsClosed() throws IOException {
    EmbeddedRedis redis = EmbeddedRedis.start();
    try (redis) {
      assertThat(ask(redis, "SET key value")).isEqualTo("+OK");
      redis.stop();
      assertThatThrownBy(() -> ask(redis, "GET key")).isInstanceOf(ConnectException.class);
      redis.startAgain();
      assertThat(ask(redis, "STRLEN key")).isEqualTo(":5");
    }
    assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(ConnectException.class);
    redis.close();
  }

  @Test
  void eachServerIsOnItsOwn() throws IOException {
    try (EmbeddedRedis one = EmbeddedRedis.start();
        EmbeddedRedis other = EmbeddedRedis.start()) {
      assertThat(ask(one, "SET key value")).isEqualTo("+OK");
      assertThat(ask(other, "EXISTS key")).isEqualTo(":0");
    }
  }

  private static String ask(EmbeddedRedis redis, String command) throws IOException {
    URI url = URI.create(redis.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
      StringBuilder line = new StringBuilder();
      for (int read = socket.getInputStream().read();
          read > 0 && read != '\r';
          read = socket.getInputStream().read()) {
        line.append((char) read);
      }
      return line.toString();
    }
  }
}
