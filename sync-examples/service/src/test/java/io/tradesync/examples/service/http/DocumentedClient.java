package io.tradesync.examples.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/**
 * Calls the service for all tests, and holds each request and each answer against the document that
 * the service serves.
 */
public final class DocumentedClient {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private DocumentedClient() {}

  /** Sends a request; fails if it or its answer is none that the document has. */
  public static HttpResponse<String> send(HttpRequest request) throws Exception {
    return checked(request, CLIENT.send(request, BodyHandlers.ofString()));
  }

  /** Sends a request, and does not wait for its answer. */
  public static CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
    return CLIENT
        .sendAsync(request, BodyHandlers.ofString())
        .thenApply(answer -> checked(request, answer));
  }

  /** Begins to listen to the events; the stream of lines must be closed. */
  static Stream<String> events(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> answer = CLIENT.send(request, BodyHandlers.ofLines());
    DocumentedAnswers.checkHead(request, answer);
    return answer.body();
  }

  private static HttpResponse<String> checked(HttpRequest request, HttpResponse<String> answer) {
    DocumentedAnswers.checkHead(request, answer);
    DocumentedAnswers.checkBodies(
        request, request.bodyPublisher().map(DocumentedClient::text).orElse(""), answer);
    return answer;
  }

  /** Reads what a publisher sends, which it does once more for each subscriber. */
  private static String text(BodyPublisher publisher) {
    CompletableFuture<String> text = new CompletableFuture<>();
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(ByteBuffer part) {
            byte[] some = new byte[part.remaining()];
            part.get(some);
            bytes.writeBytes(some);
          }

          @Override
          public void onError(Throwable failure) {
            text.completeExceptionally(failure);
          }

          @Override
          public void onComplete() {
            text.complete(bytes.toString(UTF_8));
          }
        });
    return text.join();
  }
}
