package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Holds answers against the document that the service serves. */
public final class DocumentedAnswers {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final JsonNode DOCUMENT = document();
  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private DocumentedAnswers() {}

  private static JsonNode document() {
    try {
      return MAPPER.readTree(OpenApi.document());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode paths() {
    return DOCUMENT.path("paths");
  }

  /** Fails if the answer is none that the document has; returns it. */
  public static HttpResponse<String> check(HttpResponse<String> answer) throws Exception {
    String type = answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
    JsonNode operation = operation(answer);
    if (operation.isMissingNode() || !type.endsWith("json")) {
      // No call of the API, or an answer whose text no schema describes.
      assertThat(operation.isMissingNode() && answer.statusCode() == 200 && type.endsWith("json"))
          .as("%s is not in the document", answer.uri())
          .isFalse();
      return answer;
    }
    JsonNode responses = operation.path("responses");
    JsonNode response =
        responses.path(
            responses.has(String.valueOf(answer.statusCode()))
                ? String.valueOf(answer.statusCode())
                : "default");
    JsonNode schema = response.path("content").path(type).path("schema");
    assertThat(schema.isMissingNode())
        .as("%s answered %s %s", answer.uri(), answer.statusCode(), type)
        .isFalse();
    assertThat(errors(schema, answer.body()))
        .as("%s answered %s", answer.uri(), answer.body())
        .isEmpty();
    return answer;
  }

  private static JsonNode operation(HttpResponse<String> answer) {
    String method = answer.request().method().toLowerCase(Locale.ROOT);
    String path = answer.uri().getPath();
    for (Map.Entry<String, JsonNode> entry : paths().properties()) {
      String pattern = Pattern.quote(entry.getKey()).replace("{id}", "\\E[^/]+\\Q");
      if (path.matches(pattern)) {
        return entry.getValue().path(method);
      }
    }
    return MAPPER.missingNode();
  }

  static List<?> errors(JsonNode schema, String json) {
    Schema compiled =
        SCHEMAS.computeIfAbsent(
            schema.toString(),
            any -> {
              // A schema is resolved against the whole document.
              ObjectNode whole = MAPPER.createObjectNode();
              whole.set("components", DOCUMENT.path("components"));
              whole.set("allOf", MAPPER.createArrayNode().add(schema));
              return REGISTRY.getSchema(whole.toString(), InputFormat.JSON);
            });
    return compiled.validate(json, InputFormat.JSON);
  }
}
