package io.tradesync.spi.log;

import io.tradesync.TradesyncException;

/** The lease under which work was to be committed is no longer held; nothing was committed. */
public final class LeaseLostException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  public LeaseLostException(FencingToken token) {
    super("run " + token.runId() + " no longer holds its lease; another run may have taken over");
  }
}
