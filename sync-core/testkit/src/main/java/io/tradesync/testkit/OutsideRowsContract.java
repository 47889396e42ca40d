package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.SyncLog;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Checks {@link SyncLog#outsideRows} of a log that keeps them.
 *
 * <ul>
 *   <li>At first nothing is kept.
 *   <li>What a comparison found replaces what was kept.
 *   <li>Rows are listed page by page, also after one that is gone.
 *   <li>A comparison records when, and a live feed does not.
 *   <li>Rows without an id are told apart by their content.
 *   <li>A live feed adds an id once.
 *   <li>An accepted row stays accepted until it is released or has other content.
 *   <li>What the source no longer has is not accepted if it comes back.
 *   <li>A long id is cut, and an unpaired quote is kept.
 * </ul>
 */
public abstract class OutsideRowsContract extends LogContract {

  private static OutsideRow row(@Nullable String id, @Nullable Long second, long rowHash) {
    return new OutsideRow(id, "sha256 of " + id, second, "id", "id is bad", rowHash);
  }

  private final OutsideRow first = row("a", null, 1);
  private final OutsideRow second = row("b", T, -2);
  private final OutsideRow third = row(null, T + 1, Long.MIN_VALUE);

  @Test
  void atFirstNothingIsKept() {
    OutsideRows rows = log.outsideRows();
    assertThat(rows.known().rows()).isZero();
    assertThat(rows.list(null, 10)).isEmpty();
    rows.replaceAll(List.of());
    assertThat(rows.known().rows()).isZero();
  }

  @Test
  void whatAComparisonFoundReplacesWhatWasKept() {
    OutsideRows rows = log.outsideRows();
    rows.replaceAll(List.of(third, first, second));
    assertThat(rows.list(null, 10)).containsExactly(first, second, third);
    assertThat(rows.list(null, 2)).containsExactly(first, second);
    assertThat(rows.known().rows()).isEqualTo(3);

    rows.replaceAll(List.of(second, third));
    assertThat(rows.list(null, 10)).containsExactly(second, third);
    rows.replaceAll(List.of());
    assertThat(rows.known().rows()).isZero();
  }

  @Test
  void rowsAreListedPageByPageAlsoAfterOneThatIsGone() {
    OutsideRows rows = log.outsideRows();
    rows.replaceAll(List.of(row(null, T, -1), first, third, second, row(null, null, 7)));
    assertThat(rows.list(null, 2)).containsExactly(first, second);
    rows.replaceAll(List.of(row(null, T, -1), first, third, row(null, null, 7)));
    assertThat(rows.list(second.ref(), 2)).containsExactly(third, row(null, T, -1));
    assertThat(rows.list(row(null, T, -1).ref(), 2)).containsExactly(row(null, null, 7));
    assertThat(rows.list(row(null, null, 7).ref(), 2)).isEmpty();
  }

  @Test
  void aComparisonRecordsWhenAndALiveFeedDoesNot() {
    OutsideRows rows = log.outsideRows();
    rows.add(List.of(first));
    assertThat(rows.known().asOf()).isNull();
    rows.replaceAll(List.of());
    Instant recorded = Objects.requireNonNull(rows.known().asOf());
    rows.add(List.of(first));
    assertThat(rows.known().asOf()).isEqualTo(recorded);
    rows.replaceAll(List.of(first));
    assertThat(Objects.requireNonNull(rows.known().asOf())).isAfterOrEqualTo(recorded);
  }

  @Test
  void rowsWithoutAnIdAreToldApartByTheirContent() {
    log.outsideRows().replaceAll(List.of(row(null, T, 1), row(null, T, 2), row(null, T, 3)));
    assertThat(log.outsideRows().known().rows()).isEqualTo(3);
  }

  @Test
  void aLiveFeedAddsAnIdOnce() {
    OutsideRows rows = log.outsideRows();
    rows.replaceAll(List.of(second));
    rows.add(List.of(row("b", T, 77), first));
    rows.add(List.of(first));
    assertThat(rows.list(null, 10)).containsExactly(first, second);
  }

  @Test
  void anAcceptedRowStaysAcceptedUntilItIsReleasedOrHasOtherContent() {
    OutsideRows rows = log.outsideRows();
    rows.replaceAll(List.of(first, second, third));
    assertThat(rows.accepted()).isEmpty();
    assertThat(rows.accept(List.of(third.ref(), first.ref(), row("b", T, 5).ref()), "a test"))
        .as("a name with other content is of no row")
        .isEqualTo(2);

    assertThat(rows.accepted()).containsExactlyInAnyOrder(first.ref(), third.ref());
    assertThat(rows.known().accepted()).isEqualTo(2);
    assertThat(rows.list(null, 10))
        .containsExactly(first.withAccepted("a test"), second, third.withAccepted("a test"));
    assertThat(rows.known().rows()).isEqualTo(3);
    assertThat(rows.accept(List.of(first.ref()), "it's \"odd\"")).isEqualTo(1);
    rows.replaceAll(List.of(second, row("a", null, 11), first));
    rows.add(List.of(first));
    assertThat(rows.accepted()).containsExactly(first.ref());
    assertThat(rows.list(null, 1)).containsExactly(first.withAccepted("it's \"odd\""));

    assertThat(rows.release(List.of(first.ref(), second.ref()))).isEqualTo(1);
    assertThat(rows.release(List.of(first.ref()))).isZero();
    assertThat(rows.accepted()).isEmpty();
    assertThat(rows.accept(List.of(), "nothing")).isZero();
  }

  @Test
  void whatTheSourceNoLongerHasIsNotAcceptedIfItComesBack() {
    OutsideRows rows = log.outsideRows();
    rows.replaceAll(List.of(first, third));
    assertThat(rows.accept(List.of(first.ref(), third.ref()), "a test")).isEqualTo(2);
    rows.replaceAll(List.of());
    rows.replaceAll(List.of(first, third));
    assertThat(rows.list(null, 10)).containsExactly(first, third);
  }

  @Test
  void aLongIdIsCutAndAnUnpairedQuoteIsKept() {
    OutsideRow odd = row("'\"\\ " + "\u20ac".repeat(2_000), T, 5);
    log.outsideRows().add(List.of(odd));
    assertThat(log.outsideRows().list(null, 10)).containsExactly(odd);
    assertThat(odd.id()).hasSize(100);
  }
}
