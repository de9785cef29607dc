package io.sqlitesafe.lock;

import io.sqlitesafe.fs.Mount;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a database file, and how it wants it written.
 *
 * @param access the mode of access that the database must be marked with; null = either
 * @param inPlace in network-exclusive access, write into the file itself instead of replacing it
 *     (protocol section 10.2): cheaper for large files, and with a residual risk
 * @param assumed what a person says of the file system, in place of what its type tells
 * @param allowLinks a person's word that nobody uses other names of the file (hard links, file bind
 *     mounts)
 * @param resolvePending deal with an unpublished changeset of a crashed writer whoever that was
 */
public record FileTerms(
    @Nullable AccessMode access,
    boolean inPlace,
    Mount.Assumed assumed,
    boolean allowLinks,
    boolean resolvePending) {
  /** Nothing is said. */
  public static final FileTerms NONE =
      new FileTerms(null, false, Mount.Assumed.NOTHING, false, false);
}
