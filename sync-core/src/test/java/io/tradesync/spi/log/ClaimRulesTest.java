package io.tradesync.spi.log;

import static io.tradesync.spi.SinkCapability.INSERT;
import static io.tradesync.spi.SinkCapability.REPLACE;
import static io.tradesync.spi.SinkCapability.RETRACT;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimRules.Decision;
import io.tradesync.spi.log.ClaimRules.Held;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ClaimRulesTest {

  private static final long SECOND = 1_754_400_000L;
  private static final Trade TRADE = trade("id", SECOND);
  private static final TradeKey OTHER_KEY = new TradeKey(SECOND + 60, "id");
  private static final long NOTHING_IS_FINAL = Long.MIN_VALUE;
  private static final Set<SinkCapability> EVERYTHING = EnumSet.allOf(SinkCapability.class);

  private static Trade trade(String id, long second) {
    return Trade.builder(id, second, 1, "pool")
        .price(BigDecimal.ONE)
        .quantity(BigDecimal.ONE)
        .build();
  }

  /** What the log holds at a key. */
  private enum At {
    NOTHING,
    SAME,
    CHANGED,
    FAILED,
    RETRACTED;

    void put(TradeKey key, Map<TradeKey, LogEntry> entries) {
      long same = TRADE.fingerprint();
      switch (this) {
        case NOTHING -> {}
        case SAME -> entries.put(key, new LogEntry(key, EntryStatus.PROCESSED, same, null));
        case CHANGED -> entries.put(key, new LogEntry(key, EntryStatus.PROCESSED, ~same, null));
        case FAILED -> entries.put(key, new LogEntry(key, EntryStatus.ERROR, same, null));
        case RETRACTED -> entries.put(key, new LogEntry(key, EntryStatus.RETRACTED, same, null));
      }
    }
  }

  private static ClaimRequest request(ClaimMode mode, Set<SinkCapability> capabilities) {
    return new ClaimRequest(List.of(TRADE), List.of(), mode, capabilities, "run");
  }

  private static Decision decide(
      ClaimMode mode, Set<SinkCapability> capabilities, At here, long finalThrough) {
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    here.put(TRADE.key(), entries);
    return ClaimRules.decide(
        request(mode, capabilities), new Held(entries, Map.of(), finalThrough));
  }

  private static Decision decideMove(
      ClaimMode mode, Set<SinkCapability> capabilities, At here, At atOtherKey) {
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    here.put(TRADE.key(), entries);
    atOtherKey.put(OTHER_KEY, entries);
    Map<TradeKey, TradeKey> otherKeys = Map.of(TRADE.key(), OTHER_KEY);
    return ClaimRules.decide(
        request(mode, capabilities), new Held(entries, otherKeys, NOTHING_IS_FINAL));
  }

  /** The decision on the one trade, in words. */
  private static String inWords(Decision decision) {
    Claim claim = decision.claim();
    StringBuilder words = new StringBuilder();
    claim.known().forEach(trade -> words.append("known "));
    claim.disputed().forEach(trade -> words.append("disputed "));
    for (TradeChange change : claim.changes()) {
      if (change instanceof TradeChange.Replace replace) {
        words.append(replace.oldKey().equals(OTHER_KEY) ? "replace-other " : "replace ");
      } else {
        words.append(change instanceof TradeChange.Insert ? "insert " : "retract-other ");
      }
    }
    return words.toString().strip();
  }

  @ParameterizedTest(name = "{0}, log holds {1}: {2}")
  @CsvSource({
    "NEW,       NOTHING,   insert",
    "NEW,       SAME,      known",
    "NEW,       CHANGED,   disputed",
    "NEW,       FAILED,    insert",
    "NEW,       RETRACTED, disputed",
    "REPAIR,    NOTHING,   insert",
    "REPAIR,    SAME,      known",
    "REPAIR,    CHANGED,   replace",
    "REPAIR,    FAILED,    insert",
    "REPAIR,    RETRACTED, insert",
    "CONFIRMED, NOTHING,   insert",
    "CONFIRMED, SAME,      known",
    "CONFIRMED, CHANGED,   replace",
    "CONFIRMED, FAILED,    insert",
    "CONFIRMED, RETRACTED, insert",
    "FORCE,     NOTHING,   insert",
    "FORCE,     SAME,      replace",
    "FORCE,     CHANGED,   replace",
    "FORCE,     FAILED,    insert",
    "FORCE,     RETRACTED, insert",
  })
  void aTradeWhoseIdIsAtNoOtherKey(ClaimMode mode, At here, String expected) {
    Decision decision = decide(mode, EVERYTHING, here, NOTHING_IS_FINAL);

    assertThat(inWords(decision)).isEqualTo(expected);
    assertThat(decision.processed())
        .hasSize(expected.equals("insert") || expected.equals("replace") ? 1 : 0);
    assertThat(decision.retracted()).isEmpty();
  }

  @ParameterizedTest(name = "{0}, log holds {1}: {2}")
  @CsvSource({
    "NEW,       NOTHING,   insert",
    "NEW,       SAME,      known",
    "NEW,       CHANGED,   disputed",
    "REPAIR,    CHANGED,   disputed",
    "REPAIR,    SAME,      known",
    "REPAIR,    RETRACTED, insert",
    "CONFIRMED, CHANGED,   disputed",
    "FORCE,     NOTHING,   insert",
    "FORCE,     SAME,      disputed",
    "FORCE,     CHANGED,   disputed",
    "FORCE,     FAILED,    insert",
  })
  void aSinkThatOnlyInserts(ClaimMode mode, At here, String expected) {
    Decision decision = decide(mode, EnumSet.of(INSERT), here, NOTHING_IS_FINAL);

    assertThat(inWords(decision)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}, log holds {1}: {2}")
  @CsvSource({
    "NEW,       NOTHING,   disputed",
    "NEW,       SAME,      known",
    "NEW,       CHANGED,   disputed",
    "NEW,       FAILED,    disputed",
    "NEW,       RETRACTED, disputed",
    "REPAIR,    NOTHING,   insert",
    "CONFIRMED, FAILED,    insert",
    "FORCE,     RETRACTED, insert",
  })
  void aFinalTrade(ClaimMode mode, At here, String expected) {
    Decision decision = decide(mode, EVERYTHING, here, SECOND);

    assertThat(inWords(decision)).isEqualTo(expected);
    assertThat(ClaimRules.canBeNew(mode, TRADE, SECOND)).isEqualTo(mode != ClaimMode.NEW);
    assertThat(ClaimRules.canBeNew(mode, TRADE, SECOND - 1)).isTrue();
  }

  @ParameterizedTest(name = "log holds {0}, at the other key {1}: {2}")
  @CsvSource({
    "NOTHING,   NOTHING,   insert,                false",
    "NOTHING,   SAME,      replace-other,         true",
    "NOTHING,   CHANGED,   replace-other,         true",
    "NOTHING,   FAILED,    insert,                true",
    "NOTHING,   RETRACTED, insert,                false",
    "SAME,      SAME,      known retract-other,   true",
    "SAME,      FAILED,    known,                 true",
    "SAME,      RETRACTED, known,                 false",
    "CHANGED,   SAME,      replace retract-other, true",
    "CHANGED,   FAILED,    replace,               true",
    "FAILED,    SAME,      replace-other,         true",
    "RETRACTED, SAME,      replace-other,         true",
    "RETRACTED, FAILED,    insert,                true",
  })
  void aConfirmedTradeWhoseIdIsAtAnotherKey(
      At here, At atOtherKey, String expected, boolean retractsOther) {
    Decision decision = decideMove(ClaimMode.CONFIRMED, EVERYTHING, here, atOtherKey);

    assertThat(inWords(decision)).isEqualTo(expected);
    assertThat(decision.retracted())
        .isEqualTo(retractsOther ? Set.of(OTHER_KEY) : Set.<TradeKey>of());
  }

  @ParameterizedTest
  @EnumSource(At.class)
  void anIdAtAnotherKeyIsDisputedUnlessItsMoveIsConfirmedAndTheSinkCanMoveIt(At here) {
    for (ClaimMode mode : EnumSet.complementOf(EnumSet.of(ClaimMode.CONFIRMED))) {
      assertThat(inWords(decideMove(mode, EVERYTHING, here, At.SAME))).isEqualTo("disputed");
    }
    for (SinkCapability lacking : List.of(REPLACE, RETRACT)) {
      Set<SinkCapability> rest = EnumSet.complementOf(EnumSet.of(lacking));
      assertThat(inWords(decideMove(ClaimMode.CONFIRMED, rest, here, At.SAME)))
          .isEqualTo("disputed");
    }
  }

  @ParameterizedTest(name = "log holds {0}: change {1}, recorded {2}")
  @CsvSource({
    "NOTHING,   false, false",
    "SAME,      true,  true",
    "CHANGED,   true,  true",
    "FAILED,    false, true",
    "RETRACTED, false, false",
  })
  void aRetraction(At here, boolean isInSink, boolean isRecorded) {
    TradeKey key = TRADE.key();
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    here.put(key, entries);
    ClaimRequest request =
        new ClaimRequest(List.of(), List.of(key), ClaimMode.REPAIR, EVERYTHING, "run");

    Decision decision = ClaimRules.decide(request, new Held(entries, Map.of(), NOTHING_IS_FINAL));

    assertThat(decision.claim().changes())
        .isEqualTo(isInSink ? List.of(new TradeChange.Retract(key)) : List.of());
    assertThat(decision.retracted()).isEqualTo(isRecorded ? Set.of(key) : Set.<TradeKey>of());
  }

  @Test
  void theOtherKeyOfAMoveIsRetractedOnceEvenIfItsRetractionIsAskedForToo() {
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    At.SAME.put(OTHER_KEY, entries);
    ClaimRequest request =
        new ClaimRequest(
            List.of(TRADE), List.of(OTHER_KEY), ClaimMode.CONFIRMED, EVERYTHING, "run");
    Held held = new Held(entries, Map.of(TRADE.key(), OTHER_KEY), NOTHING_IS_FINAL);

    Decision decision = ClaimRules.decide(request, held);

    assertThat(decision.claim().changes())
        .containsExactly(new TradeChange.Replace(OTHER_KEY, TRADE));
    assertThat(decision.retracted()).containsExactly(OTHER_KEY);
  }

  @Test
  void changesAreInKeyOrder() {
    Trade late = trade("late", SECOND + 120);
    TradeKey between = new TradeKey(SECOND + 60, "between");
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    At.SAME.put(between, entries);
    ClaimRequest request =
        new ClaimRequest(
            List.of(TRADE, late), List.of(between), ClaimMode.REPAIR, EVERYTHING, "run");

    Decision decision = ClaimRules.decide(request, new Held(entries, Map.of(), NOTHING_IS_FINAL));

    assertThat(decision.claim().changes())
        .containsExactly(
            new TradeChange.Insert(TRADE),
            new TradeChange.Retract(between),
            new TradeChange.Insert(late));
  }

  private static Decision decideWithRevisions(
      List<Trade> trades, List<TradeKey> retractions, Map<TradeKey, TradeKey> otherKeys) {
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    At.SAME.put(TRADE.key(), entries);
    At.SAME.put(OTHER_KEY, entries);
    ClaimRequest request =
        new ClaimRequest(trades, retractions, ClaimMode.CONFIRMED, EVERYTHING, "run", true);
    return ClaimRules.decide(request, new Held(entries, otherKeys, NOTHING_IS_FINAL));
  }

  @Test
  void withRevisionsAKnownTradeThatLeavesAProcessedKeyIsWrittenAgainAsTheNewest() {
    List<Decision> decisions =
        List.of(
            decideWithRevisions(List.of(TRADE), List.of(), Map.of(TRADE.key(), OTHER_KEY)),
            decideWithRevisions(List.of(TRADE), List.of(OTHER_KEY), Map.of()));
    for (Decision decision : decisions) {
      assertThat(decision.claim().withRevisions(5).changes())
          .containsExactly(
              new TradeChange.Replace(TRADE.key(), TRADE, 6),
              new TradeChange.Retract(OTHER_KEY, 5));
      assertThat(decision.retracted()).containsExactly(OTHER_KEY);
    }
  }

  @Test
  void withRevisionsAnIdThatIsProcessedElsewhereIsNotRetracted() {
    Decision decision =
        decideWithRevisions(List.of(), List.of(OTHER_KEY), Map.of(OTHER_KEY, TRADE.key()));

    assertThat(decision.claim().changes()).isEmpty();
    assertThat(decision.retracted()).isEmpty();
  }
}
