package io.tradesync.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of the source that has no place in the key order: its timestamp is null or no clock means
 * it, or its id is null, empty or over {@link io.tradesync.TradeKey#MAX_ID_BYTES} long. No range,
 * page or digest holds it, and no run processes it. Immutable.
 *
 * @param id the id, cut to {@link UnreadableRow#MAX_VALUE} characters; null if it is null
 * @param idHash the SHA-256 of the whole id in UTF-8, in hexadecimal digits; of a null, that of the
 *     empty text
 * @param epochSecond the timestamp; null if the row has none that a clock means
 * @param column the source's name of the column that leaves the row outside
 * @param reason what is wrong with the row, in one sentence that names the column
 * @param rowHash a hash of the whole row, as {@link UnreadableRow#rowHash}
 * @param accepted why somebody accepted that the row cannot be processed, so that it is no gap;
 *     null if nobody did, and in what a source answers
 */
public record OutsideRow(
    @Nullable String id,
    String idHash,
    @Nullable Long epochSecond,
    String column,
    String reason,
    long rowHash,
    @Nullable String accepted) {

  /**
   * Names a row with its content: it has no key. A row whose content changes has another name.
   *
   * @param idHash the SHA-256 of its id, in hexadecimal digits
   * @param rowHash the hash of the whole row
   */
  public record Ref(String idHash, long rowHash) {

    /** Checks that the hash is there. */
    public Ref {
      Objects.requireNonNull(idHash, "idHash");
    }
  }

  /** A row that nobody accepted. */
  public OutsideRow(
      @Nullable String id,
      String idHash,
      @Nullable Long epochSecond,
      String column,
      String reason,
      long rowHash) {
    this(id, idHash, epochSecond, column, reason, rowHash, null);
  }

  /** Cuts the id, and checks that the other texts are there. */
  public OutsideRow {
    Objects.requireNonNull(idHash, "idHash");
    Objects.requireNonNull(column, "column");
    Objects.requireNonNull(reason, "reason");
    if (id != null && id.codePointCount(0, id.length()) > UnreadableRow.MAX_VALUE) {
      id = id.substring(0, id.offsetByCodePoints(0, UnreadableRow.MAX_VALUE));
    }
  }

  /** The row's name. */
  public Ref ref() {
    return new Ref(idHash, rowHash);
  }

  /** Returns this row with the reason why it is accepted; null if it is not. */
  public OutsideRow withAccepted(@Nullable String why) {
    return new OutsideRow(id, idHash, epochSecond, column, reason, rowHash, why);
  }
}
