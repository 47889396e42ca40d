package io.tradesync.examples.service.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a time of an answer: epoch seconds, or an ISO instant. The same time is written once more
 * in the other form, after the fields of the record.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface AlsoAs {

  /** The name of the other form. */
  String value();
}
