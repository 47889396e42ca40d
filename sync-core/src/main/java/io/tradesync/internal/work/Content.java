package io.tradesync.internal.work;

import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureText;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.Base64;

/**
 * Writes values of this library as text, and reads them. It is text so that a carrier can send it
 * in any form, and so that nothing of it is read before the version is known to be the same.
 */
public final class Content {

  // Other classes are neither written nor read: text may come from anywhere on a network.
  private static final ObjectInputFilter OWN_CLASSES =
      ObjectInputFilter.Config.createFilter(
          "io.tradesync.**;java.lang.*;java.util.*;java.time.*;!*");

  private Content() {}

  /** Writes a value. */
  public static String write(Serializable value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new OwnClasses(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new IllegalStateException("not written: " + value.getClass().getName(), e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  /**
   * Reads a value.
   *
   * @throws TradesyncException if the text holds no such value
   */
  public static <T> T read(Class<T> type, String content) {
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(content)))) {
      in.setObjectInputFilter(OWN_CLASSES);
      return type.cast(in.readObject());
    } catch (IOException | ReflectiveOperationException | RuntimeException e) {
      throw new TradesyncException(
          "a part of a work order cannot be read: " + FailureText.reason(e), e);
    }
  }

  /** Writes failures of other libraries, also as causes, as failures of this one. */
  private static final class OwnClasses extends ObjectOutputStream {

    OwnClasses(OutputStream out) throws IOException {
      super(out);
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object value) {
      return value instanceof Throwable failure && !(failure instanceof TradesyncException)
          ? new TradesyncException(FailureText.reason(failure))
          : value;
    }
  }
}
