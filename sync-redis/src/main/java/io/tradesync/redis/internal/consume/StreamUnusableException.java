package io.tradesync.redis.internal.consume;

/** One stream cannot be used; other streams of the same server may well be. */
final class StreamUnusableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String stream;

  StreamUnusableException(String stream, String reason) {
    super(reason);
    this.stream = stream;
  }

  String stream() {
    return stream;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
