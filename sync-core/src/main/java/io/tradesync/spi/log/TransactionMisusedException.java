package io.tradesync.spi.log;

import io.tradesync.TradesyncException;

/**
 * The sink has ended the log's transaction, has ignored a failure in it, or has left it in a state
 * that the log cannot go on in, so nothing of it was committed. A log throws it from {@link
 * SyncLog#transact}, after the sink returned; it is a failure of the sink.
 */
public final class TransactionMisusedException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /**
   * Describes what the sink did.
   *
   * @param message what it did, in one line without secrets
   */
  public TransactionMisusedException(String message) {
    super(message);
  }
}
