package io.tradesync.redis;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link LiveConsumer} is doing. The counts are its own since it was made. The group's
 * figures are those of all its consumers, as of some seconds ago or, while it is not up, of the
 * last time that Redis was asked; null where Redis did not tell them.
 *
 * @param up whether the last delivery worked
 * @param reason why it is not up, without secrets; null if it is
 * @param paused whether {@link LiveConsumer#pause} is in force
 * @param consumed entries that were acknowledged after their trades were committed
 * @param malformed entries that made no sense
 * @param deadLetters entries that were moved to the dead-letter stream: malformed ones and those
 *     that failed too often
 * @param trimmed entries that were gone from the stream before this consumer could read them again;
 *     acknowledged without an effect
 * @param unanswered hints whose trade the source did not show in time; acknowledged
 * @param claimed entries taken over from consumers that left them
 * @param lossesByKind how often stream data were lost, or may have been, for each kind; each was
 *     answered with a run
 * @param pending entries of the group that were delivered and not acknowledged
 * @param oldestPending how long ago the oldest of these was added to its stream
 * @param lag entries that the group was not given yet
 */
public record LiveHealth(
    boolean up,
    @Nullable String reason,
    boolean paused,
    long consumed,
    long malformed,
    long deadLetters,
    long trimmed,
    long unanswered,
    long claimed,
    Map<LossKind, Long> lossesByKind,
    @Nullable Long pending,
    @Nullable Duration oldestPending,
    @Nullable Long lag) {

  /**
   * Copies the losses; a kind that is not named counts as none.
   *
   * @param up see {@link #up()}
   * @param reason see {@link #reason()}
   * @param paused see {@link #paused()}
   * @param consumed see {@link #consumed()}
   * @param malformed see {@link #malformed()}
   * @param deadLetters see {@link #deadLetters()}
   * @param trimmed see {@link #trimmed()}
   * @param unanswered see {@link #unanswered()}
   * @param claimed see {@link #claimed()}
   * @param lossesByKind see {@link #lossesByKind()}
   * @param pending see {@link #pending()}
   * @param oldestPending see {@link #oldestPending()}
   * @param lag see {@link #lag()}
   */
  public LiveHealth {
    Map<LossKind, Long> all = new EnumMap<>(LossKind.class);
    for (LossKind kind : LossKind.values()) {
      all.put(kind, lossesByKind.getOrDefault(kind, 0L));
    }
    lossesByKind = Collections.unmodifiableMap(all);
  }

  /**
   * LossResponder of all kinds.
   *
   * @return how often stream data were lost, or may have been
   */
  public long losses() {
    return lossesByKind.values().stream().mapToLong(Long::longValue).sum();
  }
}
