package io.tradesync.internal.write;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeChange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Computes the idempotency key of a batch: the same for the same changes of the same service. */
final class IdempotencyKeys {

  private IdempotencyKeys() {}

  /**
   * Returns the key of a batch.
   *
   * @param scope the service and, for a forced batch, the run
   * @param changes the changes of the batch
   * @return 64 hexadecimal digits
   */
  static String of(String scope, List<TradeChange> changes) {
    MessageDigest hash = sha256();
    text(hash, scope);
    for (TradeChange change : changes) {
      if (change instanceof TradeChange.Insert insert) {
        hash.update((byte) 'I');
        trade(hash, insert.trade());
      } else if (change instanceof TradeChange.Replace replace) {
        hash.update((byte) 'P');
        key(hash, replace.oldKey());
        trade(hash, replace.trade());
      } else if (change instanceof TradeChange.Retract retract) {
        hash.update((byte) 'R');
        key(hash, retract.key());
      }
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static void trade(MessageDigest hash, Trade trade) {
    key(hash, trade.key());
    number(hash, trade.fingerprint());
  }

  private static void key(MessageDigest hash, TradeKey key) {
    number(hash, key.epochSecond());
    text(hash, key.id());
  }

  private static void text(MessageDigest hash, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(hash, bytes.length);
    hash.update(bytes);
  }

  private static void number(MessageDigest hash, long number) {
    hash.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
