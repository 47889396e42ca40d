package io.tradesync.examples.service.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls the service over HTTP, as any client does. */
final class Api {

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;

  Api(String url) {
    this.url = url;
  }

  String get(String path) {
    return send(HttpRequest.newBuilder(URI.create(url + path)).GET());
  }

  String post(String path, String body) {
    return send(HttpRequest.newBuilder(URI.create(url + path)).POST(BodyPublishers.ofString(body)));
  }

  private String send(HttpRequest.Builder request) {
    try {
      return client
          .send(request.timeout(Duration.ofMinutes(1)).build(), BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts to listen to the progress of runs. */
  ProgressLines listen() {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/api/sync/events")).build();
    try {
      return new ProgressLines(client.send(request, BodyHandlers.ofLines()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
