package io.tradesync.jdbc.internal.sql;

import io.tradesync.KeyRange;
import java.util.List;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The condition that a trade key is in a range, and the binding of the range's ends. A range
 * excludes its first key and includes its last one.
 */
public final class KeyRangeSql {

  /**
   * The ranges of {@link #bind(SqlStatement, List)} as rows {@code r}, numbered from 1, for a
   * {@code from} clause.
   */
  public static final String RANGES =
      """
      unnest(
          cast(:afterSecond as bigint[]), cast(:afterId as text[]),
          cast(:upToSecond as bigint[]), cast(:upToId as text[]))
        with ordinality as r (after_second, after_id, up_to_second, up_to_id, number)""";

  // The planner takes the two comparisons of rows for independent of each other, and so a slice in
  // the middle of a table for a quarter of it. The range of seconds tells it how small the slice
  // is.
  private static final String WITH_KEY_INDEX =
      """
      %1$s between %3$s and %5$s
        and (%1$s, %2$s) > (%3$s, %4$s) and (%1$s, %2$s) <= (%5$s, %6$s)""";

  // Without such an index a comparison of rows only costs more than this one does.
  private static final String WITH_SECOND_INDEX =
      """
      %1$s between %3$s and %5$s
        and (%1$s > %3$s or %2$s > %4$s) and (%1$s < %5$s or %2$s <= %6$s)""";

  private final String template;
  private final String second;
  private final String id;

  private KeyRangeSql(String template, String second, String id) {
    this.template = template;
    this.second = second;
    this.id = id;
  }

  /**
   * For a table with an index on second and id.
   *
   * @param second the column of the key's second
   * @param id the column of the key's id, of the collation "C"
   */
  public static KeyRangeSql withKeyIndex(String second, String id) {
    return new KeyRangeSql(WITH_KEY_INDEX, second, id);
  }

  /** For a table with an index on the second alone. */
  public static KeyRangeSql withSecondIndex(String second, String id) {
    return new KeyRangeSql(WITH_SECOND_INDEX, second, id);
  }

  /** The condition that a key is in the range of {@link #bind(SqlStatement, KeyRange)}. */
  public String inRange() {
    return template.formatted(
        second,
        id,
        "cast(:afterSecond as bigint)",
        "cast(:afterId as text)",
        "cast(:upToSecond as bigint)",
        "cast(:upToId as text)");
  }

  /** The condition that a key is in the range of the row {@code r} of {@link #RANGES}. */
  public String inRow() {
    return template.formatted(
        second, id, "r.after_second", "r.after_id", "r.up_to_second", "r.up_to_id");
  }

  /** Binds the ends of a range for {@link #inRange}. */
  public static <S extends SqlStatement<S>> S bind(S statement, KeyRange range) {
    return statement
        .bind("afterSecond", range.after().epochSecond())
        .bind("afterId", range.after().id())
        .bind("upToSecond", range.upTo().epochSecond())
        .bind("upToId", range.upTo().id());
  }

  /** Binds the ends of ranges for {@link #RANGES}. */
  public static <S extends SqlStatement<S>> S bind(S statement, List<KeyRange> ranges) {
    SqlArrays.bind(statement, "afterSecond", "bigint", ranges, r -> r.after().epochSecond());
    SqlArrays.bind(statement, "afterId", "text", ranges, r -> r.after().id());
    SqlArrays.bind(statement, "upToSecond", "bigint", ranges, r -> r.upTo().epochSecond());
    return SqlArrays.bind(statement, "upToId", "text", ranges, r -> r.upTo().id());
  }
}
