package io.tradesync.redis.internal.consume;

import io.lettuce.core.StreamMessage;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.StreamMessageListOutput;
import io.lettuce.core.output.StreamReadOutput;
import io.lettuce.core.output.StreamingOutput;
import io.tradesync.redis.internal.client.LosslessCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the entries of one answer while it arrives, and keeps no more of it in memory than the
 * limits allow: the first characters only of each field of an entry that is too large, and only the
 * ids of entries behind those that fill the memory of a read. Used by one answer; the result may be
 * taken when the answer is complete.
 */
final class BoundedOutput extends StreamingOutput.Subscriber<StreamMessage<String, String>> {

  /** The number of characters that are kept of each field of an entry that is too large. */
  static final int KEPT_CHARACTERS = 1_000;

  /** A character has at most four bytes in UTF-8. */
  private static final int KEPT_BYTES = 4 * KEPT_CHARACTERS;

  private final long maxEntryBytes;
  private final long maxReadBytes;
  private final List<StreamEntry> entries = new ArrayList<>();
  private long keptBytes;
  private boolean full;

  /** The bytes of the fields of the entry that arrives. */
  private long entryBytes;

  /** The stream of the entries that arrive; null before its key arrived. */
  private @Nullable String stream;

  /**
   * Creates an output.
   *
   * @param maxEntryBytes the largest entry that is kept whole
   * @param maxReadBytes how much of the answer is kept; its first entry is kept always
   */
  BoundedOutput(long maxEntryBytes, long maxReadBytes) {
    this.maxEntryBytes = maxEntryBytes;
    this.maxReadBytes = maxReadBytes;
  }

  /** The output of a command that answers with entries of several streams. */
  CommandOutput<String, String, List<StreamMessage<String, String>>> ofStreams() {
    StreamReadOutput<String, String> output = new StreamReadOutput<>(new CountingCodec());
    output.setSubscriber(this);
    return output;
  }

  /** The output of a command that answers with entries of one stream. */
  CommandOutput<String, String, List<StreamMessage<String, String>>> of(String stream) {
    StreamMessageListOutput<String, String> output =
        new StreamMessageListOutput<>(new CountingCodec(), stream);
    this.stream = stream;
    output.setSubscriber(this);
    return output;
  }

  /** The entries in their order, each delivered once as far as the answer tells. */
  List<StreamEntry> entries() {
    return entries;
  }

  @Override
  public void onNext(StreamMessage<String, String> message) {
    long bytes = entryBytes;
    entryBytes = 0;
    if (!message.getStream().equals(stream)) {
      // The stream's key came before its first entry.
      stream = message.getStream();
      bytes -= LosslessCodec.INSTANCE.encodeKey(stream).remaining();
    }
    StreamEntry entry = StreamEntry.of(message, 1, bytes);
    if (entry.body() == null) {
      entries.add(entry);
      return;
    }
    if (bytes > maxEntryBytes) {
      entry = entry.withBody(cut(entry.body()));
    }
    long kept = Math.min(bytes, maxEntryBytes);
    full = full || (keptBytes > 0 && keptBytes + kept > maxReadBytes);
    if (full) {
      entries.add(entry.leaveBody());
    } else {
      keptBytes += kept;
      entries.add(entry);
    }
  }

  private static Map<String, String> cut(Map<String, String> body) {
    Map<String, String> cut = new LinkedHashMap<>();
    body.forEach((field, value) -> cut.put(cut(field), cut(value)));
    return cut;
  }

  private static String cut(String text) {
    return text.length() <= KEPT_CHARACTERS ? text : text.substring(0, KEPT_CHARACTERS);
  }

  /** Counts the bytes of an entry, and reads no more than the beginning once it is too large. */
  private final class CountingCodec implements RedisCodec<String, String> {

    @Override
    public String decodeKey(ByteBuffer bytes) {
      return decode(bytes);
    }

    @Override
    public String decodeValue(ByteBuffer bytes) {
      return decode(bytes);
    }

    private String decode(ByteBuffer bytes) {
      entryBytes += bytes.remaining();
      if (entryBytes <= maxEntryBytes || bytes.remaining() <= KEPT_BYTES) {
        return LosslessCodec.INSTANCE.decodeValue(bytes);
      }
      ByteBuffer beginning = bytes.duplicate();
      beginning.limit(beginning.position() + KEPT_BYTES);
      return cut(LosslessCodec.INSTANCE.decodeValue(beginning));
    }

    @Override
    public ByteBuffer encodeKey(String key) {
      return LosslessCodec.INSTANCE.encodeKey(key);
    }

    @Override
    public ByteBuffer encodeValue(String value) {
      return LosslessCodec.INSTANCE.encodeValue(value);
    }
  }
}
