package io.sqlitesafe.changeset;

import java.nio.file.Path;

/**
 * What to make of a transaction's changes.
 *
 * @param file published, atomically replacing what is there, when the transaction is committed
 * @param verify capture by both methods, and fail unless they agree
 * @param requireComplete fail where something cannot be captured
 * @param rowids capture tables without PRIMARY KEY too, by their rowids
 */
public record CaptureRequest(
    Path file,
    Format format,
    CaptureMethod method,
    boolean verify,
    boolean requireComplete,
    boolean rowids) {
  /** A changeset or patchset, by the method that suits the database. */
  public static CaptureRequest of(Path file, Format format) {
    return new CaptureRequest(file, format, CaptureMethod.AUTO, false, false, false);
  }

  public CaptureRequest withRowids(boolean value) {
    return new CaptureRequest(file, format, method, verify, requireComplete, value);
  }
}
