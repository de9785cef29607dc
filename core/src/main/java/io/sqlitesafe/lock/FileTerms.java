package io.sqlitesafe.lock;

import io.sqlitesafe.mount.Mount;
import org.jspecify.annotations.Nullable;

/**
 * What a caller says of a database file, and how it wants it opened and written.
 *
 * @param access the mode of access that the database must be marked with; null = either
 * @param inPlace in network-exclusive access, write into the file itself instead of replacing it
 *     (protocol section 10.2): cheaper for large files, and with a residual risk
 * @param assumed what a person says of the file system, in place of what its type tells
 * @param allowLinks a person's word that nobody uses other names of the file (hard links, file bind
 *     mounts)
 * @param resolvePending deal with an unpublished changeset of a crashed writer whoever that was
 * @param loading makes connections load the extensions that its schema needs: SQL of {@link
 *     io.sqlitesafe.sql.Extensions}; empty = none
 */
public record FileTerms(
    @Nullable AccessMode access,
    boolean inPlace,
    Mount.Assumed assumed,
    boolean allowLinks,
    boolean resolvePending,
    String loading) {
  /** Nothing is said. */
  public static final FileTerms NONE =
      new FileTerms(null, false, Mount.Assumed.NOTHING, false, false, "");

  public FileTerms withAccess(@Nullable AccessMode value) {
    return new FileTerms(value, inPlace, assumed, allowLinks, resolvePending, loading);
  }

  public FileTerms withInPlace(boolean value) {
    return new FileTerms(access, value, assumed, allowLinks, resolvePending, loading);
  }

  public FileTerms withAssumed(Mount.Assumed value) {
    return new FileTerms(access, inPlace, value, allowLinks, resolvePending, loading);
  }

  public FileTerms withAllowLinks(boolean value) {
    return new FileTerms(access, inPlace, assumed, value, resolvePending, loading);
  }

  public FileTerms withResolvePending(boolean value) {
    return new FileTerms(access, inPlace, assumed, allowLinks, value, loading);
  }

  public FileTerms withLoading(String value) {
    return new FileTerms(access, inPlace, assumed, allowLinks, resolvePending, value);
  }
}
