package io.tradesync.examples.service.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Prints the steps of the demo, and compares results with the specification. */
final class Report {

  private static final int SHOWN = 3;

  private final PrintStream out;
  private int scenarios;
  private int asSpecified;
  private int differences;

  Report(PrintStream out) {
    this.out = out;
  }

  /** Carries out one scenario. */
  void scenario(String title, Runnable steps) {
    scenarios++;
    out.println();
    out.println(scenarios + ". " + title);
    int before = differences;
    try {
      steps.run();
    } catch (RuntimeException e) {
      differences++;
      out.println("   FAILED: " + e);
    }
    asSpecified += differences == before ? 1 : 0;
  }

  void say(String text) {
    out.println("   " + text);
  }

  /** Compares one figure. */
  void expect(String what, Object expected, Object actual) {
    if (Objects.equals(expected, actual)) {
      out.println("   ok: " + what + " = " + actual);
    } else {
      differ(what, String.valueOf(expected), String.valueOf(actual));
    }
  }

  /** Compares long lists; prints only the differences. */
  void expectSame(String what, List<String> expected, List<String> actual) {
    if (expected.equals(actual)) {
      out.println("   ok: " + what);
    } else {
      differ(what, sample(expected, actual), sample(actual, expected));
    }
  }

  private static String sample(List<String> list, List<String> other) {
    List<String> only = new ArrayList<>(list);
    only.removeAll(other);
    return list.size()
        + " in all, "
        + only.size()
        + " of them on this side only, such as "
        + only.stream().limit(SHOWN).toList();
  }

  /** Compares the text of a JSON answer: its beginning exactly, the rest by a pattern. */
  void expectJson(String call, String beginning, String rest, String actual) {
    out.println("   " + call);
    out.println("   " + actual);
    if (actual.startsWith(beginning) && actual.substring(beginning.length()).matches(rest)) {
      out.println("   ok: as specified");
    } else {
      differ(call, beginning + " and then " + rest, actual);
    }
  }

  private void differ(String what, String expected, String actual) {
    differences++;
    out.println("   DIFFERENT: " + what);
    out.println("     expected: " + expected);
    out.println("     actual:   " + actual);
  }

  /** Prints the outcome; returns whether all scenarios are as specified. */
  boolean summary() {
    out.println();
    out.println(asSpecified + "/" + scenarios + " scenarios as specified");
    return asSpecified == scenarios;
  }
}
