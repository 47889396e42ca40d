package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.VirtualBeanPropertyWriter;
import com.fasterxml.jackson.databind.util.SimpleBeanPropertyDefinition;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The other form of a time of an answer; see {@link AlsoAs}. It is absent or null as the time. */
final class TwinTime extends VirtualBeanPropertyWriter {

  private static final long serialVersionUID = 1L;

  private final transient BeanPropertyWriter time;

  private TwinTime(BeanPropertyWriter time, BeanPropertyDefinition definition, JavaType type) {
    super(
        definition,
        Objects.requireNonNull(time.getMember()).getAllAnnotations(),
        type,
        null,
        null,
        null,
        time.willSuppressNulls() ? INCLUDE_PRESENT : JsonInclude.Value.empty(),
        null);
    this.time = time;
  }

  private static final JsonInclude.Value INCLUDE_PRESENT =
      JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS);

  /** Returns the marked components of a record, in their order. */
  static List<RecordComponent> marked(Class<?> type) {
    return type.isRecord()
        ? Arrays.stream(type.getRecordComponents())
            .filter(component -> component.getAccessor().isAnnotationPresent(AlsoAs.class))
            .toList()
        : List.of();
  }

  /** Adds the other forms to what is written of a record. */
  static final class Modifier extends BeanSerializerModifier {

    private static final long serialVersionUID = 1L;

    @Override
    public List<BeanPropertyWriter> changeProperties(
        SerializationConfig config, BeanDescription bean, List<BeanPropertyWriter> properties) {
      for (BeanPropertyWriter property : List.copyOf(properties)) {
        AlsoAs twin = property.getAnnotation(AlsoAs.class);
        if (twin != null) {
          boolean isText = property.getType().hasRawClass(String.class);
          properties.add(
              new TwinTime(
                  property,
                  SimpleBeanPropertyDefinition.construct(
                      config, property.getMember(), new PropertyName(twin.value())),
                  config.constructType(isText ? Long.class : String.class)));
        }
      }
      return properties;
    }
  }

  @Override
  protected @Nullable Object value(Object bean, JsonGenerator json, SerializerProvider provider)
      throws Exception {
    Object value = time.get(bean);
    if (value == null) {
      return null;
    }
    return value instanceof String text
        ? (Object) Instant.parse(text).getEpochSecond()
        : Instant.ofEpochSecond(((Number) value).longValue()).toString();
  }

  @Override
  public VirtualBeanPropertyWriter withConfig(
      MapperConfig<?> config,
      AnnotatedClass declaringClass,
      BeanPropertyDefinition definition,
      JavaType type) {
    throw new UnsupportedOperationException();
  }
}
