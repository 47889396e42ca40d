package io.tradesync.internal.write;

import io.tradesync.spi.TradeChange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Computes the idempotency key of a batch: the same for exactly the same changes of a service. Two
 * changes with the same id and revision are the same.
 */
final class IdempotencyKeys {

  private IdempotencyKeys() {}

  /** Returns the key of a batch: 64 hexadecimal digits. */
  static String of(String service, List<TradeChange> changes) {
    MessageDigest hash = sha256();
    text(hash, service);
    for (TradeChange change : changes) {
      text(hash, change.key().id());
      number(hash, change.revision());
    }
    return HexFormat.of().formatHex(hash.digest());
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
