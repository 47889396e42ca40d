package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.URLDecoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Holds requests and answers against the document that the service serves. */
final class DocumentedAnswers {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final JsonNode DOCUMENT = document();
  private static final int FIRST_REFUSAL = 400;
  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private DocumentedAnswers() {}

  private static JsonNode document() {
    try {
      return MAPPER.readTree(OpenApi.document());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode schemas() {
    return DOCUMENT.at("/components/schemas");
  }

  static JsonNode paths() {
    return DOCUMENT.path("paths");
  }

  /** Fails if the document lacks the call, its parameters, or the type of its answer. */
  static void checkHead(HttpRequest request, HttpResponse<?> answer) {
    JsonNode operation = operation(request);
    String type = type(answer);
    if (operation.isMissingNode()) {
      assertThat(answer.statusCode() == 200 && type.endsWith("json"))
          .as("%s %s is not in the document", request.method(), request.uri())
          .isFalse();
      return;
    }
    assertThat(content(operation, answer).has(type))
        .as("%s answered %s %s", request.uri(), answer.statusCode(), type)
        .isTrue();
    if (answer.statusCode() < FIRST_REFUSAL) {
      checkParameters(operation, request);
    }
  }

  private static void checkParameters(JsonNode operation, HttpRequest request) {
    String query = request.uri().getRawQuery();
    for (String encoded : query == null ? new String[0] : query.split("&", -1)) {
      String parameter = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
      String name = parameter.replaceFirst("(?s)=.*", "");
      JsonNode schema = MissingNode.getInstance();
      for (JsonNode known : operation.path("parameters")) {
        if (known.path("name").asText().equals(name) && known.path("in").asText().equals("query")) {
          schema = known.path("schema");
        }
      }
      assertThat(schema.isMissingNode())
          .as("%s takes a parameter that the document lacks: %s", request.uri(), name)
          .isFalse();
      String value = parameter.contains("=") ? parameter.replaceFirst("[^=]*=", "") : "true";
      JsonNode one = schema.has("items") ? schema.path("items") : schema;
      assertThat(
              errors(one, isPlain(value) ? value : quoted(value)).isEmpty()
                  || errors(one, quoted(value)).isEmpty())
          .as("%s takes a value that the document lacks: %s", request.uri(), parameter)
          .isTrue();
    }
  }

  private static boolean isPlain(String value) {
    return value.matches("-?[0-9]+|true|false");
  }

  private static String quoted(String value) {
    return TextNode.valueOf(value).toString();
  }

  /** Fails if the document lacks the answer, or a request that was not refused. */
  static void checkBodies(HttpRequest request, String sent, HttpResponse<String> answer) {
    JsonNode operation = operation(request);
    JsonNode schema = content(operation, answer).path(type(answer)).path("schema");
    if (type(answer).endsWith("json") && !operation.isMissingNode()) {
      assertThat(errors(schema, answer.body()))
          .as("%s answered %s", request.uri(), answer.body())
          .isEmpty();
    }
    JsonNode body = operation.at("/requestBody/content/application~1json/schema");
    if (answer.statusCode() < FIRST_REFUSAL && !sent.isEmpty()) {
      assertThat(body.isMissingNode()).as("%s has a body", request.uri()).isFalse();
      assertThat(errors(body, sent)).as("%s took %s", request.uri(), sent).isEmpty();
    }
  }

  private static String type(HttpResponse<?> answer) {
    return answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
  }

  private static JsonNode content(JsonNode operation, HttpResponse<?> answer) {
    JsonNode responses = operation.path("responses");
    String status = String.valueOf(answer.statusCode());
    return responses.path(responses.has(status) ? status : "default").path("content");
  }

  private static JsonNode operation(HttpRequest request) {
    String method = request.method().toLowerCase(Locale.ROOT);
    // A reverse proxy adds what is in front.
    String path = request.uri().getPath().replaceFirst("^.*(?=/api/sync/)", "");
    for (Map.Entry<String, JsonNode> entry : paths().properties()) {
      String pattern = Pattern.quote(entry.getKey()).replace("{id}", "\\E[^/]+\\Q");
      if (path.matches(pattern)) {
        return entry.getValue().path(method);
      }
    }
    return MissingNode.getInstance();
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
