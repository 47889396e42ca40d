package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls behind the pictures: 90 trades, one a minute, of which the first 60 are processed. */
class PictureCallsTest {

  private static final long FIRST = ServedEngine.FIRST_SECOND;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static ServedEngine served;

  /** Ten hours of candles of two pools. */
  private static final CandleReader CANDLES =
      new CandleReader() {
        @Override
        public List<Integer> lengths() {
          return List.of(60, 3_600);
        }

        @Override
        public List<Pool> pools(@Nullable Pool after, int limit) {
          return List.of(new Pool(1, "a:b"), new Pool(2, "c")).stream()
              .filter(pool -> after == null || pool.chainId() > after.chainId())
              .limit(limit)
              .toList();
        }

        @Override
        public List<Candle> candles(Pool pool, Span span, int limit) {
          Long from = span.fromTimestamp();
          return LongStream.range(from == null ? 0 : from / 3_600, 10)
              .mapToObj(hour -> new Candle(hour * 3_600, "1", "2", "0.5", "1.50", "10", "15", 3))
              .limit(limit)
              .toList();
        }
      };

  @BeforeAll
  static void serve() throws Exception {
    InMemoryTradeSource source = ServedEngine.source(60);
    served = new ServedEngine(source, new InMemorySink(), CANDLES);
    assertThat(served.post("/api/sync/run", "").statusCode()).isEqualTo(200);
    ServedEngine.addTo(source, 60, 90);
  }

  @AfterAll
  static void close() {
    served.close();
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = served.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return MAPPER.readTree(answer.body());
  }

  @Test
  void aTimelineShowsBothSidesPerBucket() throws Exception {
    JsonNode timeline =
        get("/api/sync/timeline?from=" + FIRST + "&to=" + (FIRST + 5_400) + "&buckets=3");

    assertThat(timeline.path("bucketSeconds").asLong()).isEqualTo(1_800);
    assertThat(timeline.path("complete").asBoolean()).isTrue();
    assertThat(Instant.parse(timeline.path("asOf").asText()).getEpochSecond())
        .isEqualTo(timeline.path("asOfTimestamp").asLong());
    assertThat(timeline.path("buckets").toString())
        .isEqualTo(
            """
            [{"fromTimestamp":1754400000,"source":30,"processed":30,"missing":0,"error":0,\
            "changed":0,"orphaned":0,"fromTime":"2025-08-05T13:20:00Z"},\
            {"fromTimestamp":1754401800,"source":30,"processed":30,"missing":0,"error":0,\
            "changed":0,"orphaned":0,"fromTime":"2025-08-05T13:50:00Z"},\
            {"fromTimestamp":1754403600,"source":30,"processed":0,"missing":30,"error":0,\
            "changed":0,"orphaned":0,"fromTime":"2025-08-05T14:20:00Z"}]\
            """);
  }

  @Test
  void aTimelineWithoutBoundsShowsAllTradesAndTimesMayBeIso() throws Exception {
    JsonNode all = get("/api/sync/timeline");
    assertThat(all.path("fromTimestamp").asLong()).isEqualTo(FIRST);
    assertThat(all.path("toTimestamp").asLong()).isEqualTo(FIRST + 89 * 60 + 1);

    JsonNode iso = get("/api/sync/timeline?from=2025-08-05T13:20:00Z&to=2025-08-05T13:21:00Z");
    assertThat(iso.path("fromTimestamp").asLong()).isEqualTo(FIRST);
    assertThat(iso.path("buckets").get(0).path("source").asLong()).isEqualTo(1);
  }

  @Test
  void theLastTimelineIsGivenWithItsAge() throws Exception {
    String path = "/api/sync/timeline?from=" + (FIRST + 60) + "&to=" + (FIRST + 660) + "&buckets=9";
    JsonNode first = get(path);

    JsonNode later =
        get(
            "/api/sync/timeline?known=true&buckets=9&from="
                + (FIRST + 120)
                + "&to="
                + (FIRST + 720));

    assertThat(later).isEqualTo(first);
  }

  @Test
  void theGapsOfASpanAreListedPageByPage() throws Exception {
    List<String> ids = new ArrayList<>();
    String after = "";
    do {
      JsonNode page =
          get("/api/sync/gaps?limit=4&from=" + (FIRST + 3_540) + "&to=" + (FIRST + 4_200) + after);
      page.path("gaps")
          .forEach(gap -> ids.add(gap.path("kind").asText() + " " + gap.path("id").asText()));
      after = page.path("next").isNull() ? null : "&after=" + page.path("next").asText();
    } while (after != null);

    assertThat(ids).hasSize(10).startsWith("missing trade_60").endsWith("missing trade_69");
  }

  @Test
  void candlesAreGivenPageByPage() throws Exception {
    JsonNode page = get("/api/sync/candles?chain=1&pool=a:b&length=3600&from=0&limit=6");
    assertThat(page.path("candles")).hasSize(6);
    assertThat(page.path("candles").get(5).toString())
        .isEqualTo(
            "{\"timestamp\":18000,\"open\":\"1\",\"high\":\"2\",\"low\":\"0.5\","
                + "\"close\":\"1.50\",\"volume\":\"10\",\"quoteVolume\":\"15\",\"trades\":3,"
                + "\"time\":\"1970-01-01T05:00:00Z\"}");
    assertThat(page.path("next").asLong()).isEqualTo(21_600);
    assertThat(get("/api/sync/candles?chain=1&pool=a:b&from=21600&limit=6").path("next").isNull())
        .isTrue();
  }

  @Test
  void poolsAreGivenPageByPage() throws Exception {
    JsonNode first = get("/api/sync/pools?limit=1");
    assertThat(first.toString())
        .isEqualTo(
            "{\"pools\":[{\"chainId\":1,\"poolId\":\"a:b\"}],\"lengths\":[60,3600],"
                + "\"next\":\"1:a:b\"}");
    assertThat(get("/api/sync/pools?limit=5&after=1:a:b").path("pools")).hasSize(1);
  }

  @Test
  void runsAreGivenPageByPage() throws Exception {
    assertThat(served.post("/api/sync/audit", "").statusCode()).isEqualTo(200);
    JsonNode latest = get("/api/sync/runs?limit=1");
    String run = latest.path("next").asText();
    assertThat(run).isEqualTo(latest.path("runs").get(0).path("runId").asText());
    JsonNode first = get("/api/sync/runs?limit=1&after=" + run);
    assertThat(first.path("runs")).hasSize(1);
    assertThat(first.has("next")).as("a page that is full and the last").isFalse();
    String after = first.path("runs").get(0).path("runId").asText();
    assertThat(get("/api/sync/runs?after=" + after).toString()).isEqualTo("{\"runs\":[]}");
  }

  @ParameterizedTest
  @CsvSource({
    "timeline?from=yesterday, from, yesterday",
    "timeline?from=99999999999999, from, 99999999999999",
    "timeline?from=20&to=20, to, 20",
    "timeline?to=1e3, to, 1e3",
    "timeline?buckets=0, buckets, 0",
    "timeline?buckets=1001, buckets, 1001",
    "timeline?known=maybe, known, maybe",
    "gaps?limit=1001, limit, 1001",
    "gaps?after=here, after, here",
    "gaps?after=1:%00, after, U+0000",
    "candles?pool=p, chain, missing",
    "candles?chain=1, pool, missing",
    "candles?chain=one&pool=p, chain, one",
    "candles?chain=1&pool=p%00, pool, U+0000",
    "candles?chain=1&pool=p&length=61, length, 61",
    "candles?chain=1&pool=p&limit=5000, limit, 5000",
    "pools?after=x, after, x",
    "runs?after=none, after, none",
    "runs?after=%00, after, U+0000",
  })
  void badParametersAreRefusedByNameAndValue(String path, String field, String value)
      throws Exception {
    HttpResponse<String> answer = served.get("/api/sync/" + path);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"field\":\"" + field + "\"").contains(value);
  }
}
