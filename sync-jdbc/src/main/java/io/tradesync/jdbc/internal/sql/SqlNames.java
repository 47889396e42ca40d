package io.tradesync.jdbc.internal.sql;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in a statement that are filled in before it is executed.
 *
 * <p>Every statement is a text block, written as psql reads it: <code>:"name"</code> is an
 * identifier, {@code :name} a value. The identifiers are filled in here, once, when an object is
 * built; Jdbi binds the values. To run a statement by hand, set its names in psql ({@code \set
 * schema public}, {@code \set afterId '''x'''}) and paste it. What several statements share is a
 * fragment, written <code>{name}</code>; a fragment can contain identifiers and values, and no
 * other fragment.
 *
 * @param identifiers the identifiers, unquoted, by name
 * @param fragments the fragments by name
 */
public record SqlNames(Map<String, String> identifiers, Map<String, String> fragments) {

  private static final Pattern IDENTIFIER = Pattern.compile(":\"(\\w+)\"");
  private static final Pattern FRAGMENT = Pattern.compile("\\{(\\w+)}");

  /** Names for statements on the store, whose only identifier is its schema. */
  public static SqlNames inSchema(String schema, Map<String, String> fragments) {
    return new SqlNames(Map.of("schema", schema), fragments);
  }

  /** Fills the fragments and the identifiers into a statement. */
  public String fill(String statement) {
    String whole = fill(FRAGMENT, statement, name -> known(fragments, name));
    return fill(IDENTIFIER, whole, name -> Identifiers.quote(known(identifiers, name)));
  }

  private static String fill(Pattern place, String text, UnaryOperator<String> value) {
    return place
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(value.apply(found.group(1))));
  }

  private static String known(Map<String, String> names, String name) {
    return Objects.requireNonNull(names.get(name), name);
  }
}
