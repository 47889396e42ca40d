package io.tradesync.spring;

import io.tradesync.TradesyncException;

/** An application that does not say what an engine needs, or says it twice. */
final class TradesyncSetupException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  private final String action;

  /**
   * @param action what its developer can do
   */
  TradesyncSetupException(String description, String action) {
    super(description);
    this.action = action;
  }

  String action() {
    return action;
  }
}
