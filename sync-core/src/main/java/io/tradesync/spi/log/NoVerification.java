package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.Verified;
import java.util.List;

/** Remembers nothing; see {@link Verification#NONE}. */
final class NoVerification implements Verification {

  @Override
  public Snapshot snapshot() {
    return Snapshot.NOTHING;
  }

  @Override
  public boolean begin(FencingToken token, long finalThrough) {
    return false;
  }

  @Override
  public void complete(FencingToken token, Verified verified, List<KeyRange> unverified) {}

  @Override
  public void markUnverified(List<KeyRange> ranges) {}

  @Override
  public void forget() {}
}
