package io.tradesync.internal.failure;

import io.tradesync.TradesyncException;

/** A run was cancelled while a batch waited for its sink; nothing of the batch was committed. */
public final class WriteCancelledException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  public WriteCancelledException() {
    super("cancelled while a batch waited for the sink");
  }
}
