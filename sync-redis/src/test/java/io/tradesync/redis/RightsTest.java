package io.tradesync.redis;

import static io.tradesync.redis.TestTrades.nth;
import static io.tradesync.redis.TestTrades.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rights that docs/LIVE.md lists are enough for everything that a consumer does. */
class RightsTest {

  private static final Path DOCUMENT = Path.of("../docs/LIVE.md");
  private static final Pattern LIST =
      Pattern.compile("The user needs these commands.*?\n\n(.*?)\n\n", Pattern.DOTALL);
  private static final Pattern COMMAND = Pattern.compile("`([A-Z]+)`");

  private static final String USER = "reader";
  private static final String PASSWORD = "s3cret";
  private static final int DATABASE = 3;

  private final RedisServer server = RedisServer.startPrivate();
  private final TestStream stream = new TestStream(server);
  private final RecordingWriter liveWriter = new RecordingWriter();
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void close() {
    stream.close();
    server.close();
    log.close();
  }

  private static List<String> documentedCommands() throws IOException {
    String list =
        LIST.matcher(Files.readString(DOCUMENT))
            .results()
            .map(MatchResult::group)
            .findFirst()
            .orElseThrow();
    return COMMAND.matcher(list).results().map(command -> command.group(1)).toList();
  }

  private void createUser(List<String> commands) {
    CommandArgs<String, String> args =
        new CommandArgs<>(StringCodec.UTF8)
            .add("SETUSER")
            .add(USER)
            .add("reset")
            .add("on")
            .add(">" + PASSWORD)
            .add("~" + stream.key + "*");
    commands.forEach(command -> args.add("+" + command));
    stream.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), args);
  }

  @Test
  void theDocumentedRightsAreEnoughForADatabaseWithANumberAndForPatterns() throws IOException {
    List<String> commands = documentedCommands();
    assertThat(commands).contains("SELECT", "XREADGROUP", "SCAN").doesNotHaveDuplicates();
    createUser(commands);
    stream.redis().select(DATABASE);
    RedisURI uri =
        RedisURI.builder(stream.uri())
            .withAuthentication(USER, PASSWORD.toCharArray())
            .withDatabase(DATABASE)
            .build();
    String second = stream.key + "-second";
    try (TradePublisher publisher = TradePublisher.builder(uri).stream(stream.key).build()) {
      publisher.publish(range(0, 5));
    }
    stream.give("analytics-another", 2);
    stream.add("id", "malformed");

    LiveConsumer consumer =
        LiveConsumer.builder(uri)
            .streams(stream.key)
            .streamPatterns(stream.key + "-*")
            .group(TestStream.GROUP)
            .consumerName("one")
            .deadLetterStream(stream.deadLetters())
            .discoveryInterval(Duration.ofMillis(100))
            .blockTime(Duration.ofMillis(100))
            .rereadLimit(Duration.ofMillis(100))
            .claimAfter(Duration.ofMillis(200))
            .removeConsumersAfter(Duration.ofMillis(200))
            .maxRetryDelay(Duration.ofMillis(100))
            .build();
    consumer.prepare();
    consumer.start(liveWriter);

    await().untilAsserted(() -> assertThat(liveWriter.trades()).contains(nth(0), nth(4)));
    try (TradePublisher publisher = TradePublisher.builder(uri).stream(second).build()) {
      publisher.publish(nth(5));
    }
    await().untilAsserted(() -> assertThat(liveWriter.trades()).contains(nth(5)));
    await().until(() -> stream.pending() == 0 && stream.dead().size() == 1);
    assertThat(consumer.health().counter("claimed")).isEqualTo(2);
    await().until(() -> consumer.health().backlog().lag() != null);
    assertThat(consumer.health().up()).isTrue();
    consumer.close();
    assertThat(log.lines()).noneMatch(line -> line.contains("NOPERM"));
  }
}
