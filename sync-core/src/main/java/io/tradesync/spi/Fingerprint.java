package io.tradesync.spi;

import io.tradesync.Trade;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * The 64-bit hash of a trade's content that both sides compute alike: the first eight bytes, most
 * significant first, of the SHA-256 of the trade's canonical form in UTF-8.
 *
 * <p>The canonical form is the concatenation, in this order, of id, timestamp, chain id, price,
 * quantity, transaction id, side, pool id and the attributes. A text is a netstring
 * (https://cr.yp.to/proto/netstrings.txt): its length in bytes, a colon, its bytes, a comma; a null
 * text is {@code :,}. A number is its plain decimal form without trailing zeros behind the point,
 * and a comma; a null number is the comma alone. So no two contents share a form, and 1.0 and 1.00
 * do. What belongs to the pool (symbol, decimals) is left out.
 */
public final class Fingerprint {

  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(Fingerprint::sha256);

  private Fingerprint() {}

  /**
   * The fingerprint of a trade.
   *
   * @param trade the trade
   * @return its fingerprint; every 64-bit value can occur
   */
  public static long of(Trade trade) {
    byte[] hash = SHA_256.get().digest(canonicalForm(trade).getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(hash).getLong();
  }

  /**
   * The text that is hashed.
   *
   * @param trade the trade
   * @return its canonical form
   */
  public static String canonicalForm(Trade trade) {
    StringBuilder form = new StringBuilder(320);
    text(form, trade.id());
    form.append(trade.epochSecond()).append(',').append(trade.chainId()).append(',');
    number(form, trade.price());
    number(form, trade.quantity());
    text(form, trade.transactionId());
    text(form, trade.side());
    text(form, trade.poolId());
    trade.attributes().values().forEach(value -> text(form, value));
    return form.toString();
  }

  private static void text(StringBuilder form, @Nullable String value) {
    if (value != null) {
      form.append(value.getBytes(StandardCharsets.UTF_8).length);
    }
    form.append(':');
    if (value != null) {
      form.append(value);
    }
    form.append(',');
  }

  private static void number(StringBuilder form, @Nullable BigDecimal value) {
    if (value != null) {
      form.append(value.stripTrailingZeros().toPlainString());
    }
    form.append(',');
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
