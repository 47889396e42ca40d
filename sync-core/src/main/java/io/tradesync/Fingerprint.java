package io.tradesync;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The 64-bit hash of a trade's content, which Java and SQL compute alike: the first eight bytes,
 * most significant first, of the SHA-256 of the trade's canonical form. {@link Trade#fingerprint()}
 * and {@link Trade#canonicalForm()} return them.
 *
 * <p>The canonical form is what PostgreSQL's binary protocol writes for the values, each number
 * most significant byte first: timestamp and chain id in eight bytes each; price and quantity as
 * numeric, without trailing zeros behind the point, or {@code ffff} where null; then for id,
 * transaction id, side, pool id and the attributes their lengths in bytes of UTF-8, in four bytes
 * each, -1 where null; then the bytes of those texts. A numeric is, in two bytes each, the number
 * of its digits to base 10,000, the power of 10,000 of the first of them, 0 or {@code 4000} for a
 * negative number, the decimal digits behind the point, and those digits, the zeros at both ends
 * left out. So no two contents share a form, and 1.0 and 1.00 do. What belongs to the pool (symbol,
 * decimals) is left out.
 */
public final class Fingerprint {

  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(Fingerprint::sha256);

  private static final short NULL_NUMBER = -1;
  private static final short NEGATIVE = 0x4000;
  private static final int GROUP = 4;

  private Fingerprint() {}

  /**
   * Computes a fingerprint.
   *
   * @param epochSecond the trade's time
   * @param texts id, transaction id, side, pool id, and the attributes in their order
   * @return the fingerprint; every 64-bit value can occur
   */
  public static long of(
      long epochSecond,
      long chainId,
      @Nullable BigDecimal price,
      @Nullable BigDecimal quantity,
      List<@Nullable String> texts) {
    MessageDigest sha256 = SHA_256.get();
    sha256.update(form(epochSecond, chainId, price, quantity, texts));
    return ByteBuffer.wrap(sha256.digest()).getLong();
  }

  /** Returns the bytes that {@link #of} hashes, in a new array. */
  public static byte[] canonicalForm(
      long epochSecond,
      long chainId,
      @Nullable BigDecimal price,
      @Nullable BigDecimal quantity,
      List<@Nullable String> texts) {
    ByteBuffer form = form(epochSecond, chainId, price, quantity, texts);
    byte[] bytes = new byte[form.remaining()];
    form.get(bytes);
    return bytes;
  }

  private static ByteBuffer form(
      long epochSecond,
      long chainId,
      @Nullable BigDecimal price,
      @Nullable BigDecimal quantity,
      List<@Nullable String> texts) {
    int size = 2 * Long.BYTES + maxBytes(price) + maxBytes(quantity);
    List<byte @Nullable []> encoded = new ArrayList<>(texts.size());
    for (String text : texts) {
      byte[] bytes = bytes(text);
      encoded.add(bytes);
      size += Integer.BYTES + (bytes == null ? 0 : bytes.length);
    }

    ByteBuffer form = ByteBuffer.allocate(size);
    form.putLong(epochSecond).putLong(chainId);
    put(form, price);
    put(form, quantity);
    for (byte[] bytes : encoded) {
      form.putInt(bytes == null ? -1 : bytes.length);
    }
    for (byte[] bytes : encoded) {
      if (bytes != null) {
        form.put(bytes);
      }
    }
    return form.flip();
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  // Four numbers before the digits, and at most two groups that the digits fill only in part.
  private static int maxBytes(@Nullable BigDecimal value) {
    return value == null ? Short.BYTES : (4 + value.precision() / GROUP + 2) * Short.BYTES;
  }

  private static void put(ByteBuffer form, @Nullable BigDecimal value) {
    if (value == null) {
      form.putShort(NULL_NUMBER);
    } else if (value.signum() == 0) {
      form.putLong(0);
    } else {
      putDigits(form, value);
    }
  }

  // The digits from first to end are followed by as many zeros as make the point fall between two
  // groups of four. As the last of the digits is no zero, neither is the last group.
  private static void putDigits(ByteBuffer form, BigDecimal value) {
    String digits = value.unscaledValue().toString();
    int first = value.signum() < 0 ? 1 : 0;
    int end = digits.length();
    int scale = value.scale();
    while (digits.charAt(end - 1) == '0') {
      end--;
      scale--;
    }
    int zeros = Math.floorMod(-scale, GROUP);
    int groups = (end - first + zeros + GROUP - 1) / GROUP;
    form.putShort((short) groups)
        .putShort((short) (groups - 1 - (scale + zeros) / GROUP))
        .putShort(first == 0 ? 0 : NEGATIVE)
        .putShort((short) Math.max(scale, 0));
    int at = end + zeros - groups * GROUP;
    for (int group = 0; group < groups; group++) {
      int number = 0;
      for (int i = 0; i < GROUP; i++, at++) {
        number = number * 10 + (at < first || at >= end ? 0 : digits.charAt(at) - '0');
      }
      form.putShort((short) number);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
