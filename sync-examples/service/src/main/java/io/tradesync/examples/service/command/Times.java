package io.tradesync.examples.service.command;

import java.time.DateTimeException;
import java.time.Instant;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times on the command line. */
public final class Times {

  /** A time, in seconds. */
  public record Second(long epochSecond) {}

  private Times() {}

  /** Reads epoch seconds, or an ISO instant. */
  public static final class Converter implements ITypeConverter<Second> {

    @Override
    public Second convert(String value) {
      try {
        return new Second(
            value.matches("[0-9]{1,18}")
                ? Long.parseLong(value)
                : Instant.parse(value).getEpochSecond());
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "must be epoch seconds or an ISO instant, such as 2025-08-05T00:00:00Z, but is: "
                + value);
      }
    }
  }
}
