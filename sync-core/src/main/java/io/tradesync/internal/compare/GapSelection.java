package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.spi.SinkCapability;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;

/** Some of the kinds of gap. */
public record GapSelection(Set<GapKind> kinds) implements Serializable {

  private static final GapSelection NONE = new GapSelection(Set.of());

  public GapSelection {
    kinds = Set.copyOf(kinds);
  }

  public static GapSelection none() {
    return NONE;
  }

  public static GapSelection all() {
    return new GapSelection(EnumSet.allOf(GapKind.class));
  }

  /** The kinds that a sink can repair. */
  public static GapSelection repairableWith(Set<SinkCapability> capabilities) {
    Set<GapKind> kinds = EnumSet.of(GapKind.MISSING, GapKind.ERROR);
    if (capabilities.contains(SinkCapability.REPLACE)) {
      kinds.add(GapKind.CHANGED);
    }
    if (capabilities.contains(SinkCapability.RETRACT)) {
      kinds.add(GapKind.ORPHANED);
    }
    return new GapSelection(kinds);
  }

  public boolean contains(GapKind kind) {
    return kinds.contains(kind);
  }
}
