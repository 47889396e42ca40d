package io.tradesync.internal.write;

import io.tradesync.internal.rows.TextSize;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/** Divides what is to be written into portions that are bounded by their number and their text. */
public final class Portions {

  private Portions() {}

  /** Divides repairs into batches. A batch ends with the repair that fills it. */
  public static List<Batch> batches(List<Repair> repairs, int batchSize) {
    List<Batch> batches = new ArrayList<>();
    for (List<Repair> portion : of(repairs, batchSize, Repair::textLength)) {
      batches.add(new Batch(batches.size(), portion));
    }
    return batches;
  }

  /** Divides batches into groups. */
  public static List<List<Batch>> groups(List<Batch> batches, int groupSize) {
    return of(batches, groupSize, Batch::textLength);
  }

  private static <T> List<List<T>> of(List<T> whole, int maxSize, ToLongFunction<T> text) {
    List<List<T>> portions = new ArrayList<>();
    int from = 0;
    long held = 0;
    for (int i = 0; i < whole.size(); i++) {
      held += text.applyAsLong(whole.get(i));
      if (isFull(i + 1 - from, maxSize, held)) {
        portions.add(whole.subList(from, i + 1));
        from = i + 1;
        held = 0;
      }
    }
    if (from < whole.size()) {
      portions.add(whole.subList(from, whole.size()));
    }
    return portions;
  }

  /** Whether nothing more joins a portion of this size and text. */
  public static boolean isFull(int size, int maxSize, long text) {
    return size >= maxSize || text >= TextSize.MAX;
  }
}
