package io.tradesync.redis.internal.client;

import io.lettuce.core.codec.RedisCodec;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads and writes texts as UTF-8 and keeps bytes that are not UTF-8. Each such byte becomes one
 * unpaired surrogate, which no UTF-8 text can hold, and becomes the same byte again when the text
 * is written. So two texts are equal only if their bytes are, and a reader of a text sees that it
 * was not UTF-8. Thread-safe.
 */
public final class LosslessCodec implements RedisCodec<String, String> {

  public static final LosslessCodec INSTANCE = new LosslessCodec();

  private static final char REPLACEMENT = '\uFFFD';

  /** The surrogate of the byte 0; only bytes from 0x80 on can be wrong in UTF-8. */
  private static final char FIRST_ESCAPE = '\uDC00';

  private LosslessCodec() {}

  @Override
  public String decodeKey(ByteBuffer bytes) {
    return decode(bytes);
  }

  @Override
  public String decodeValue(ByteBuffer bytes) {
    return decode(bytes);
  }

  @Override
  public ByteBuffer encodeKey(String text) {
    return encode(text);
  }

  @Override
  public ByteBuffer encodeValue(String text) {
    return encode(text);
  }

  private static String decode(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeEscaping(bytes);
  }

  private static String decodeEscaping(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    while (result.isError()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (FIRST_ESCAPE + (in.get() & 0xFF)));
      }
      result = decoder.reset().decode(in, out, true);
    }
    return out.flip().toString();
  }

  private static ByteBuffer encode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        return encodeEscaped(text);
      }
    }
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ByteBuffer encodeEscaped(String text) {
    // A character has at most three bytes in UTF-8; a pair of surrogates has four.
    ByteBuffer bytes = ByteBuffer.allocate(3 * text.length());
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        bytes.put(text.substring(plain, i).getBytes(StandardCharsets.UTF_8));
        bytes.put((byte) (text.charAt(i) - FIRST_ESCAPE));
        plain = i + 1;
      }
    }
    return bytes.put(text.substring(plain).getBytes(StandardCharsets.UTF_8)).flip();
  }

  private static boolean isEscape(String text, int index) {
    char c = text.charAt(index);
    return c >= FIRST_ESCAPE + 0x80
        && c <= FIRST_ESCAPE + 0xFF
        && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
  }
}
