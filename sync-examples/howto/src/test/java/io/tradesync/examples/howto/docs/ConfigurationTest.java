package io.tradesync.examples.howto.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngineBuilder;
import io.tradesync.jdbc.PonderNotifyListener;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.LiveConsumerBuilder;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/CONFIGURATION.md lists each option of each builder, with the default of the code. */
class ConfigurationTest {

  private static final Pattern ROW =
      Pattern.compile("^\\| `(\\w+)` \\|(.*?)\\| .+ \\|$", Pattern.MULTILINE);

  @ParameterizedTest
  @ValueSource(
      classes = {
        SyncEngineBuilder.class,
        PonderTradeSource.Builder.class,
        PostgresSyncLog.Builder.class,
        TimescaleSink.Builder.class,
        PonderNotifyListener.Builder.class,
        LiveConsumerBuilder.class
      })
  void eachOptionIsListedWithItsDefault(Class<?> builder) {
    String heading =
        builder.isMemberClass()
            ? builder.getEnclosingClass().getSimpleName()
            : builder.getSimpleName();
    Map<String, String> listed =
        ROW.matcher(Page.named("CONFIGURATION.md").section(heading))
            .results()
            .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2).strip()));
    Set<String> options =
        Arrays.stream(builder.getMethods())
            .filter(method -> method.getReturnType() == builder)
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .map(Method::getName)
            .collect(Collectors.toSet());

    assertThat(listed.keySet()).isEqualTo(options);
    assertThat(options)
        .allSatisfy(
            option ->
                constant(builder, option)
                    .ifPresent(value -> assertThat(listed).containsEntry(option, shown(value))));
  }

  /** The default of an option, if a public constant of the builder or of its class holds it. */
  private static Optional<Object> constant(Class<?> builder, String option) {
    String name = "DEFAULT_" + option.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    for (Class<?> type = builder; type != null; type = type.getEnclosingClass()) {
      try {
        Field field = type.getField(name);
        return Optional.of(field.get(null));
      } catch (NoSuchFieldException e) {
        // The next class may have it.
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    return Optional.empty();
  }

  private static String shown(Object value) {
    String text = value instanceof Set<?> || value instanceof Iterable<?> ? "" : value.toString();
    return text.isEmpty() ? value.toString().replaceAll("[\\[\\]]", "") : "`" + text + "`";
  }
}
