package io.tradesync.examples.service.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Report report = new Report(new PrintStream(printed, true, StandardCharsets.UTF_8));

  @Test
  void allAsSpecified() {
    report.scenario("one", () -> report.expect("figure", 3, 3));
    report.scenario("two", () -> report.expectSame("list", List.of("a"), List.of("a")));
    report.scenario("three", () -> report.expectJson("GET", "{\"a\":", "\\d+}", "{\"a\":12}"));

    assertThat(report.summary()).isTrue();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("ok: figure = 3")
        .doesNotContain("DIFFERENT")
        .endsWith("3/3 scenarios as specified" + System.lineSeparator());
  }

  @Test
  void anyDifferenceIsShownAndFails() {
    report.scenario("figure", () -> report.expect("figure", 3, 4));
    report.scenario("list", () -> report.expectSame("list", List.of("a", "b"), List.of("a", "c")));
    report.scenario("beginning", () -> report.expectJson("GET", "{\"b\":", ".*", "{\"a\":1}"));
    report.scenario("rest", () -> report.expectJson("GET", "{\"a\":", "\\d+}", "{\"a\":null}"));
    report.scenario(
        "exception",
        () -> {
          throw new IllegalStateException("out of order");
        });

    assertThat(report.summary()).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("expected: 3", "actual:   4")
        .contains(
            "1 of them on this side only, such as [b]", "1 of them on this side only, such as [c]")
        .contains("FAILED: java.lang.IllegalStateException: out of order")
        .contains("0/5 scenarios as specified");
  }
}
