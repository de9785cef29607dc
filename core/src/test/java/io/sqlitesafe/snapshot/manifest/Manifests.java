package io.sqlitesafe.snapshot.manifest;

import java.time.Instant;

/** Manifests to test with. */
public final class Manifests {
  static final String DIGEST = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private Manifests() {}

  public static Manifest of(String source, String name, Instant time, long bytes, boolean good) {
    return new Manifest(
        time,
        "sqlite-safe 0.1.0",
        source,
        "online",
        new Manifest.Stored(name, bytes, DIGEST, Compression.NONE),
        new Manifest.Content(8192, DIGEST, 4096, 2, "3.54.1", 7, -1, 0, "counter=12"),
        new Manifest.Check(good ? CheckLevel.QUICK : CheckLevel.NONE, good, 0),
        41);
  }
}
