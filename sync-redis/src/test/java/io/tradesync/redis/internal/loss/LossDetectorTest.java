package io.tradesync.redis.internal.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.redis.internal.format.EntryId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What older versions do not tell; the others are tested on a real Redis, see LossTest. */
class LossDetectorTest {

  private static final String STREAM = "trades";

  private final LossDetector detector = new LossDetector();

  private static EntryId id(long number) {
    return new EntryId(1_000, number);
  }

  /** A stream as Redis 6.2 shows it, with entries of consecutive numbers. */
  private static StreamState before7(@Nullable Long first, long last, long delivered) {
    return new StreamState(
        first == null ? 0 : last - first + 1,
        id(last),
        first == null ? null : id(first),
        null,
        delivered == 0 ? EntryId.ZERO : id(delivered),
        null,
        0,
        null);
  }

  @Test
  void withoutCountersAStreamThatBeginsBehindTheGroupCountsAsTrimmed() {
    assertThat(detector.check(STREAM, before7(1L, 50, 10))).isEmpty();
    assertThat(detector.check(STREAM, before7(20L, 50, 10)))
        .hasValueSatisfying(
            lost -> assertThat(lost.reason()).contains("perhaps some entries after 1000-10"));
    assertThat(detector.check(STREAM, before7(20L, 50, 10))).isEmpty();
    assertThat(detector.check(STREAM, before7(40L, 60, 30))).isPresent();
  }

  @Test
  void withoutCountersAStreamThatStillHasWhatWasDeliveredLastIsWhole() {
    assertThat(detector.check(STREAM, before7(10L, 50, 10))).isEmpty();
    assertThat(detector.check(STREAM, before7(11L, 50, 10))).isEmpty();
    assertThat(detector.check(STREAM, before7(null, 50, 50))).isEmpty();
    assertThat(detector.check(STREAM, before7(null, 60, 50))).isPresent();
  }

  /** A stream as Redis 7 shows it, with entries of consecutive numbers from 1 on. */
  private static StreamState counted(long first, long last, long delivered) {
    return new StreamState(
        last - first + 1,
        id(last),
        id(first),
        last,
        delivered == 0 ? EntryId.ZERO : id(delivered),
        delivered,
        0,
        last - delivered);
  }

  @Test
  void aStreamThatIsTrimmedAroundAReadWithoutATransactionMayHaveLostEntries() {
    assertThat(detector.check(STREAM, counted(1, 50, 10))).isEmpty();
    assertThat(detector.checkAround(STREAM, counted(1, 50, 10), counted(20, 50, 30)))
        .hasValueSatisfying(
            lost -> assertThat(lost.reason()).contains("perhaps some entries after 1000-10"));
    assertThat(detector.check(STREAM, counted(20, 50, 30))).isEmpty();
  }

  @Test
  void aStreamThatIsNotTrimmedPastTheGroupAroundAReadLostNothing() {
    assertThat(detector.checkAround(STREAM, counted(1, 50, 10), counted(1, 60, 20))).isEmpty();
    assertThat(detector.checkAround(STREAM, counted(1, 50, 10), counted(11, 50, 20))).isEmpty();
    assertThat(detector.checkAround(STREAM, before7(1L, 50, 10), before7(1L, 60, 20))).isEmpty();
    assertThat(detector.checkAround(STREAM, before7(1L, 50, 10), before7(12L, 60, 20))).isPresent();
  }

  @Test
  void aServerThatDoesNotTellItsIdentityMayBeAnotherOneEachTime() {
    assertThat(detector.connected(STREAM, null)).isEmpty();
    assertThat(detector.connected(STREAM, null)).isPresent();
  }

  @Test
  void idsAreComparedWithoutASign() {
    EntryId huge = EntryId.parse("18446744073709551615-18446744073709551615");
    assertThat(id(1)).isLessThan(huge);
    assertThat(EntryId.ZERO).isLessThan(id(0));
    assertThat(huge.toString()).isEqualTo("18446744073709551615-18446744073709551615");
    assertThat(new EntryId(5, 0).previous().toString()).isEqualTo("4-18446744073709551615");
    assertThat(EntryId.ZERO.previous()).isEqualTo(EntryId.ZERO);
    assertThat(EntryId.parse("7")).isEqualTo(new EntryId(7, 0));
  }
}
