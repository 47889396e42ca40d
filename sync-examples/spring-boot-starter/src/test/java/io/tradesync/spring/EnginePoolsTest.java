package io.tradesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnginePoolsTest {

  /** As many as an engine has, with those of health. */
  private static final int POOLS = 4;

  @Test
  void closeTogetherInASecondAlthoughTheDatabaseDoesNotAnswer() throws IOException {
    List<HikariDataSource> opened = new ArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      EnginePools pools = new EnginePools();
      String url = "jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/ponder";
      for (int i = 0; i < POOLS; i++) {
        opened.add(pools.open("tradesync.source.url", url, "reader", "secret", 2));
      }
      // It has accepted the connection that each pool opens, and says nothing.
      try (Socket first = silent.accept();
          Socket second = silent.accept();
          Socket third = silent.accept();
          Socket fourth = silent.accept()) {
        assertThat(List.of(first, second, third, fourth)).allMatch(Socket::isConnected);
        long began = System.nanoTime();
        pools.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
      }
    }
    assertThat(opened).allMatch(HikariDataSource::isClosed);
  }
}
