package io.tradesync.examples.service.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON schemas of answers, read off the records that are written. So they cannot say anything
 * else than the answers. Not thread-safe.
 */
final class AnswerSchemas {

  private static final Map<Class<?>, String> PLAIN =
      Map.of(
          String.class, "string",
          boolean.class, "boolean",
          Boolean.class, "boolean",
          int.class, "integer",
          Integer.class, "integer",
          long.class, "integer",
          Long.class, "integer");

  private static final Map<String, Object> SECOND = Map.of("type", "integer");
  private static final Map<String, Object> INSTANT = Map.of("type", "string");

  private final Map<String, Object> schemas = new TreeMap<>();

  /** The schemas of all records that were asked for, and of those within them, by name. */
  Map<String, Object> all() {
    return schemas;
  }

  /** Returns a reference to the schema of a record. */
  Map<String, Object> refTo(Class<?> type) {
    String name = type.getSimpleName();
    if (!schemas.containsKey(name)) {
      schemas.put(name, Map.of());
      schemas.put(name, object(type));
    }
    return Map.of("$ref", "#/components/schemas/" + name);
  }

  private Map<String, Object> object(Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      AnnotatedType annotated = component.getAnnotatedType();
      boolean isNullable = annotated.isAnnotationPresent(Nullable.class);
      boolean isLeftOut = isNullable && leavesNullOut(type, component);
      Map<String, Object> schema = schema(annotated);
      properties.put(component.getName(), isNullable && !isLeftOut ? orNull(schema) : schema);
      if (!isLeftOut) {
        required.add(component.getName());
      }
    }
    for (RecordComponent component : TwinTime.marked(type)) {
      String name = component.getAccessor().getAnnotation(AlsoAs.class).value();
      boolean isNullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      boolean isLeftOut = isNullable && leavesNullOut(type, component);
      Map<String, Object> schema = component.getType().equals(String.class) ? SECOND : INSTANT;
      properties.put(name, isNullable && !isLeftOut ? orNull(schema) : schema);
      if (!isLeftOut) {
        required.add(name);
      }
    }
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("properties", properties);
    object.put("required", required);
    object.put("additionalProperties", false);
    return object;
  }

  private static boolean leavesNullOut(Class<?> type, RecordComponent component) {
    return type.isAnnotationPresent(JsonInclude.class)
        || component.getAccessor().isAnnotationPresent(JsonInclude.class);
  }

  private static Map<String, Object> orNull(Map<String, Object> schema) {
    return schema.get("type") instanceof String type && schema.size() == 1
        ? Map.of("type", List.of(type, "null"))
        : Map.of("anyOf", List.of(schema, Map.of("type", "null")));
  }

  private Map<String, Object> schema(AnnotatedType annotated) {
    Type type = annotated.getType();
    if (type instanceof ParameterizedType generic) {
      AnnotatedType[] arguments =
          ((AnnotatedParameterizedType) annotated).getAnnotatedActualTypeArguments();
      return generic.getRawType().equals(List.class)
          ? Map.of("type", "array", "items", schema(arguments[0]))
          : Map.of("type", "object", "additionalProperties", schema(arguments[1]));
    }
    Class<?> plain = (Class<?>) type;
    String name = PLAIN.get(plain);
    return name == null ? refTo(plain) : Map.of("type", name);
  }
}
