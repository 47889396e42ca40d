package io.tradesync.spi;

import java.io.Serializable;
import java.util.Objects;

/**
 * A part of an order that one worker carries out: ranges of keys that are compared, or repaired. A
 * small value that can be sent to another machine, and carried out twice without harm. Immutable.
 *
 * @param number tells the units of an order apart; they are numbered from 0 in key order
 * @param content the ranges, as text that only an engine reads
 */
public record WorkUnit(int number, String content) implements Serializable {

  /** Checks that the content is not null. */
  public WorkUnit {
    Objects.requireNonNull(content, "content");
  }
}
