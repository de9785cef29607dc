package io.sqlitesafe.mount;

import java.util.List;

/**
 * What is known of one kind of mount: a row of {@link PolicyTable}.
 *
 * @param where the kind, for people
 * @param types the kernel's names of it; {@link #ANY_FUSE}, {@link #ANY}
 * @param options any of which it is about; empty = whatever the options are
 * @param rollback advice on {@link Use#TRUSTED_ROLLBACK}
 * @param wal advice on {@link Use#TRUSTED_WAL}
 * @param publish advice on {@link Use#PUBLISH}
 * @param inPlace advice on {@link Use#IN_PLACE}
 * @param reason what was measured, or that nothing was
 * @param cure what to do where it is not fine
 */
public record PolicyRow(
    String where,
    List<String> types,
    List<String> options,
    Advice rollback,
    Advice wal,
    Advice publish,
    Advice inPlace,
    String reason,
    String cure) {
  /** In {@link #types}: every FUSE file system that no row names. */
  public static final String ANY_FUSE = "fuse.*";

  /** In {@link #types}: every file system. */
  public static final String ANY = "*";

  public Advice advice(Use use) {
    return switch (use) {
      case TRUSTED_ROLLBACK -> rollback;
      case TRUSTED_WAL -> wal;
      case PUBLISH -> publish;
      case IN_PLACE -> inPlace;
    };
  }

  boolean names(String type) {
    return types.contains(type);
  }

  boolean matches(Mount mount, boolean named) {
    boolean byType =
        names(mount.kind())
            || names(ANY)
            || (!named && names(ANY_FUSE) && mount.kind().startsWith("fuse"));
    return byType && (options.isEmpty() || hasAny(mount));
  }

  private boolean hasAny(Mount mount) {
    for (String option : options) {
      if (mount.has(option)) {
        return true;
      }
    }
    return false;
  }
}
