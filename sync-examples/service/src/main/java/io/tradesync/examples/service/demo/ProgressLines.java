package io.tradesync.examples.service.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** The progress of a run, read from server-sent events. */
final class ProgressLines implements AutoCloseable {

  private final ObjectMapper json = new ObjectMapper();
  private final Stream<String> stream;
  private final Iterator<String> lines;

  /** Takes the lines of a stream. The first line proves that the service has the listener. */
  ProgressLines(Stream<String> stream) {
    this.stream = stream;
    this.lines = stream.iterator();
    lines.next();
  }

  /** Returns the messages of one run, when it has ended. */
  List<String> untilEnd() {
    List<String> messages = new ArrayList<>();
    String event = "";
    while (lines.hasNext() && !event.equals("ended")) {
      String line = lines.next();
      if (line.startsWith("event: ")) {
        event = line.substring("event: ".length());
      } else if (line.startsWith("data: ") && event.equals("progress")) {
        messages.add(message(line.substring("data: ".length())));
      }
    }
    return messages;
  }

  private String message(String data) {
    try {
      return json.readTree(data).path("message").textValue();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(data, e);
    }
  }

  @Override
  public void close() {
    stream.close();
  }
}
