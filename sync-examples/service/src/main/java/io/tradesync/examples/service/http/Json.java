package io.tradesync.examples.service.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Reads and writes JSON. */
final class Json {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(new SimpleModule().setSerializerModifier(new TwinTime.Modifier()))
          .build();

  private Json() {}

  /** Returns the JSON of an answer. Its encoding is always UTF-8, as RFC 8259 demands. */
  static byte[] bytes(Object value) {
    return write(value).getBytes(StandardCharsets.UTF_8);
  }

  static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Refuses a body that has another field; names the field. */
  static void refuseFieldsBut(ObjectNode body, Set<String> known) {
    body.fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw Problem.badField(field, field + " is not a field of this request");
              }
            });
  }

  /** Reads an object; an empty body is an object without fields. */
  static ObjectNode readObject(byte[] body) {
    try {
      JsonNode node = body.length == 0 ? MissingNode.getInstance() : MAPPER.readTree(body);
      if (node.isMissingNode()) {
        return MAPPER.createObjectNode();
      }
      if (node instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw Problem.badField("body", "body must be JSON, but it cannot be read");
    }
    throw Problem.badField("body", "body must be a JSON object");
  }
}
