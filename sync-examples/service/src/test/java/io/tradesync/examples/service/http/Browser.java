package io.tradesync.examples.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A headless Chromium, driven through Debian's chromedriver by the WebDriver protocol. */
final class Browser implements AutoCloseable {

  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path PROGRAM = Path.of("/usr/bin/chromium");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process driver;
  private final String url;
  private String session = "";

  private Browser(Process driver, String url) {
    this.driver = driver;
    this.url = url;
  }

  /** Starts a browser; the test is reported as not run if none is installed. */
  static Browser open(Path directory) throws Exception {
    assumeTrue(Files.isExecutable(DRIVER), "no chromedriver is installed");
    assumeTrue(Files.isExecutable(PROGRAM), "no chromium is installed");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process driver =
        new ProcessBuilder(DRIVER.toString(), "--port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(new File(directory.toFile(), "chromedriver.txt"))
            .start();
    Browser browser = new Browser(driver, "http://127.0.0.1:" + port);
    try {
      await().atMost(PATIENCE).ignoreException(IOException.class).until(browser::isReady);
      browser.begin(directory);
      return browser;
    } catch (Exception | Error e) {
      browser.close();
      throw e;
    }
  }

  private boolean isReady() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/status")).build();
    return MAPPER
        .readTree(client.send(request, BodyHandlers.ofString()).body())
        .at("/value/ready")
        .asBoolean();
  }

  private void begin(Path directory) throws Exception {
    List<String> arguments =
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--user-data-dir=" + directory.resolve("profile"));
    JsonNode answer =
        post(
            "/session",
            Map.of(
                "capabilities",
                Map.of(
                    "alwaysMatch",
                    Map.of(
                        "goog:chromeOptions",
                        Map.of("binary", PROGRAM.toString(), "args", arguments)))));
    session = "/session/" + answer.path("sessionId").asText();
  }

  private JsonNode post(String path, Object body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(MAPPER.writeValueAsString(body), UTF_8))
            .build();
    JsonNode value =
        MAPPER.readTree(client.send(request, BodyHandlers.ofString()).body()).path("value");
    if (value.has("error")) {
      throw new IllegalStateException(value.path("message").asText());
    }
    return value;
  }

  void visit(String page) throws Exception {
    post(session + "/url", Map.of("url", page));
  }

  /** Returns what some JavaScript returns. */
  JsonNode script(String javaScript) throws Exception {
    return post(session + "/execute/sync", Map.of("script", javaScript, "args", List.of()));
  }

  String text(String id) throws Exception {
    return script("return document.getElementById('" + id + "').textContent").asText();
  }

  void click(String id) throws Exception {
    String element =
        post(session + "/element", Map.of("using", "css selector", "value", "#" + id))
            .elements()
            .next()
            .asText();
    post(session + "/element/" + element + "/click", Map.of());
  }

  /** Moves the mouse into the middle of an element, and clicks. */
  void clickInto(String selector) throws Exception {
    JsonNode element =
        post(session + "/element", Map.of("using", "css selector", "value", selector));
    List<Map<String, ?>> steps =
        List.of(
            Map.of("type", "pointerMove", "duration", 0, "origin", element, "x", 0, "y", 0),
            Map.of("type", "pointerDown", "button", 0),
            Map.of("type", "pointerUp", "button", 0));
    post(
        session + "/actions",
        Map.of("actions", List.of(Map.of("type", "pointer", "id", "mouse", "actions", steps))));
  }

  /**
   * Opens a page in a further window, which is the one that is driven from then on. A tab would
   * hide the page before.
   */
  void visitInNewWindow(String page) throws Exception {
    String window = post(session + "/window/new", Map.of("type", "window")).path("handle").asText();
    useWindow(window);
    visit(page);
  }

  /** Drives another window from then on. */
  void useWindow(String window) throws Exception {
    post(session + "/window", Map.of("handle", window));
  }

  /** Closes the window that is driven. */
  void closeWindow() throws Exception {
    HttpRequest close =
        HttpRequest.newBuilder(URI.create(url + session + "/window")).DELETE().build();
    client.send(close, BodyHandlers.discarding());
  }

  /** Returns the windows that are open, by which {@link #useWindow} names them. */
  List<String> windows() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + session + "/window/handles")).build();
    List<String> windows = new ArrayList<>();
    MAPPER
        .readTree(client.send(request, BodyHandlers.ofString()).body())
        .path("value")
        .forEach(window -> windows.add(window.asText()));
    return windows;
  }

  /** Presses keys in the element that has the focus. */
  void press(String keys) throws Exception {
    String element = active();
    post(session + "/element/" + element + "/value", Map.of("text", keys));
  }

  private String active() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + session + "/element/active")).build();
    return MAPPER
        .readTree(client.send(request, BodyHandlers.ofString()).body())
        .path("value")
        .elements()
        .next()
        .asText();
  }

  void show(int width, String colourScheme) throws Exception {
    cdp(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    cdp(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colourScheme))));
  }

  private JsonNode cdp(String command, Map<String, ?> parameters) throws Exception {
    return post(session + "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  /** Writes a picture of the whole page. */
  void screenshot(Path file) throws Exception {
    JsonNode answer =
        cdp("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(answer.path("data").asText()));
  }

  @Override
  public void close() throws Exception {
    if (!session.isEmpty()) {
      HttpRequest quit = HttpRequest.newBuilder(URI.create(url + session)).DELETE().build();
      client.send(quit, BodyHandlers.discarding());
    }
    driver.destroy();
    driver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
