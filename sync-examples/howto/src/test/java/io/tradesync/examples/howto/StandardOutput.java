package io.tradesync.examples.howto;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Collects the lines that examples print, until it is closed. */
final class StandardOutput implements AutoCloseable {

  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  StandardOutput() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  /** Returns the lines that an example prints until it ends. */
  static List<String> of(Runnable example) {
    try (StandardOutput output = new StandardOutput()) {
      example.run();
      return output.lines();
    }
  }

  List<String> lines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public void close() {
    System.setOut(before);
  }
}
