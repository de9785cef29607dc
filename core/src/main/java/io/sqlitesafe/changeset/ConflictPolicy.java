package io.sqlitesafe.changeset;

import java.util.EnumMap;
import java.util.Map;

/** One resolution for each kind of conflict. Immutable. */
public final class ConflictPolicy implements ConflictHandler {
  private final Map<ConflictKind, Resolution> resolutions;

  private ConflictPolicy(Map<ConflictKind, Resolution> resolutions) {
    this.resolutions = resolutions;
  }

  /** The same for every kind; where REPLACE is impossible, ABORT. */
  public static ConflictPolicy of(Resolution resolution) {
    Map<ConflictKind, Resolution> all = new EnumMap<>(ConflictKind.class);
    for (ConflictKind kind : ConflictKind.values()) {
      boolean possible = resolution != Resolution.REPLACE || kind.replaceable();
      all.put(kind, possible ? resolution : Resolution.ABORT);
    }
    return new ConflictPolicy(all);
  }

  /**
   * The same with another resolution for one kind.
   *
   * @throws IllegalArgumentException for REPLACE where it is impossible
   */
  public ConflictPolicy with(ConflictKind kind, Resolution resolution) {
    if (resolution == Resolution.REPLACE && !kind.replaceable()) {
      throw new IllegalArgumentException(kind.id() + " cannot be resolved by replace");
    }
    Map<ConflictKind, Resolution> changed = new EnumMap<>(resolutions);
    changed.put(kind, resolution);
    return new ConflictPolicy(changed);
  }

  @Override
  public Resolution resolve(Conflict conflict) {
    return resolutions.getOrDefault(conflict.kind(), Resolution.ABORT);
  }
}
