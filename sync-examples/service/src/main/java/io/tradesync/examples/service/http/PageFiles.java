package io.tradesync.examples.service.http;

import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The files of the page, as they are in the jar. */
final class PageFiles {

  /** Nothing but files of this service, and no code or style within the page. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String PAGE = "/io/tradesync/examples/service/page/";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String SCRIPT = "text/javascript";
  private static final String STYLE = "text/css";

  private static final List<String> MODULES =
      List.of(
          "actions",
          "api",
          "app",
          "candles",
          "chart",
          "dialog",
          "dom",
          "failures",
          "feeds",
          "first",
          "history",
          "run",
          "status",
          "text",
          "timeline");

  private PageFiles() {}

  static void addTo(RoutesConfig routes) {
    add(routes, "/", PAGE + "index.html", "text/html");
    add(routes, "/style.css", PAGE + "style.css", STYLE);
    MODULES.forEach(name -> add(routes, "/" + name + ".js", PAGE + name + ".js", SCRIPT));
    add(routes, "/uplot.js", UPLOT + "uPlot.esm.js", SCRIPT);
    add(routes, "/uplot.css", UPLOT + "uPlot.min.css", STYLE);
  }

  private static void add(RoutesConfig routes, String path, String resource, String type) {
    byte[] content = read(resource);
    routes.get(path, call -> call.contentType(type + "; charset=utf-8").result(content));
  }

  private static byte[] read(String resource) {
    try (InputStream in = PageFiles.class.getResourceAsStream(resource)) {
      return Objects.requireNonNull(in, resource).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
