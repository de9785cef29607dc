package io.sqlitesafe.internal.manifest;

import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import java.time.Instant;

/** Manifests to test with. */
public final class Manifests {
  public static final String DIGEST =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private Manifests() {}

  /** Of a database of that path on one and the same machine. */
  public static Manifest of(String source, String name, Instant time, long bytes, boolean good) {
    return of(identity(source), name, time, bytes, good, false);
  }

  public static Identity identity(String source) {
    return new Identity(null, "0a1b", "host", source);
  }

  public static Manifest of(
      Identity identity, String name, Instant time, long bytes, boolean good, boolean empty) {
    return new Manifest(
        Manifest.FORMAT,
        time,
        "sqlite-safe 0.1.0",
        identity,
        "online",
        new Manifest.Stored(name, bytes, DIGEST, Compression.NONE),
        new Manifest.Content(8192, DIGEST, 4096, 2, "3.54.1", 7, -1, 0, empty, "counter=12"),
        new Manifest.Check(good ? CheckLevel.QUICK : CheckLevel.NONE, good, 0),
        41);
  }
}
