package io.tradesync.examples.service.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls the API of a service. */
final class ApiClient {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final String url;
  private final @Nullable String token;

  ApiClient(String url, @Nullable String token) {
    this.url = url.replaceFirst("/+$", "");
    this.token = token;
  }

  /**
   * @throws CommandFailure if the answer is a problem, or there is none
   */
  JsonNode get(String path) {
    return checked(send(request(path).GET()));
  }

  /**
   * @throws CommandFailure if the answer is a problem, or there is none
   */
  JsonNode post(String path, Object body) {
    return checked(send(request(path).POST(BodyPublishers.ofString(json(body)))));
  }

  static JsonNode read(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Begins to listen to the events; the stream of lines must be closed. */
  Stream<String> events() {
    try {
      HttpResponse<Stream<String>> answer =
          client.send(request("/api/sync/events").build(), BodyHandlers.ofLines());
      if (answer.statusCode() != 200) {
        answer.body().close();
        return Stream.empty();
      }
      return answer.body();
    } catch (IOException e) {
      throw unreachable();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw unreachable();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static JsonNode checked(HttpResponse<String> answer) {
    JsonNode body = read(answer.body());
    int status = answer.statusCode();
    // A run that failed has an answer of its own, and no problem.
    if (status < 300 || body.has("success")) {
      if (!body.isObject()) {
        throw new CommandFailure(ExitCode.USAGE, "this is not the API of a tradesync", null);
      }
      return body;
    }
    String detail = body.path("detail").asText("the service answers with status " + status);
    throw new CommandFailure(ExitCode.ofProblem(status), detail, body.isObject() ? body : null);
  }

  private CommandFailure unreachable() {
    return new CommandFailure(
        ExitCode.UNREACHABLE, "the service on " + url + " cannot be reached", null);
  }

  private static CommandFailure interrupted() {
    Thread.currentThread().interrupt();
    return new CommandFailure(ExitCode.GAP, "interrupted", null);
  }
}
