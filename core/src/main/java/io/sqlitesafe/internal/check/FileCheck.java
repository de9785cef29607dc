package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.EmptyFile;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.ReaderLock;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.DatabaseHeader;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Finds the way to read one file that leaves nothing behind, and checks it that way.
 *
 * <p>How: see {@link QuietRead}. Nothing is joined here that nobody uses, not even by its owner.
 */
public final class FileCheck {
  private static final long MARGIN = 16 << 20;
  private static final String COPY = "copy.db";

  private final CheckRequest request;
  private final DatabaseCheck check;
  private final Path file;
  private final @Nullable Manifest manifest;

  public FileCheck(CheckRequest request, Path file, @Nullable Manifest manifest) {
    this.request = request;
    this.check = new DatabaseCheck(request);
    this.file = file;
    this.manifest = manifest;
  }

  /**
   * What was found, and how the file is compressed.
   *
   * @param plain what it was decompressed to; null where it was not
   */
  public record Result(Findings findings, Compression compression, Manifest.@Nullable Plain plain) {
    /** Of a file that is not compressed. */
    public static Result of(Findings findings) {
      return new Result(findings, Compression.NONE, null);
    }
  }

  public Result run() {
    if (size("") == 0) {
      return Result.of(empty());
    }
    LockManager manager = manager();
    if (manager.access() == AccessMode.NETWORK_EXCLUSIVE) {
      return shared(manager);
    }
    boolean damaged = false;
    try {
      var asked = Database.isWal(file);
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.NO_DATABASE) {
        return compressed(e);
      }
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      damaged = true; // the check will meet the same
    }
    boolean unread = damaged;
    return BusyRetry.whileChanging(
        request.means().patience(),
        request.means().cancellation(),
        () -> {
          Findings findings = new Findings(request.maxErrors());
          if (unread ? withoutLog(findings) : attempt(findings)) {
            return Result.of(findings);
          }
          throw SqlErrors.changing(file);
        });
  }

  /**
   * In network-exclusive access SQLite's own locks are not used: under the protocol's shared lock.
   */
  private Result shared(LockManager manager) {
    LockRequest asking =
        LockRequest.defaults("integrity-check")
            .withPatience(request.means().patience())
            .withCancellation(request.means().cancellation());
    try (ReaderLock lock = manager.lockToRead(asking)) {
      Findings findings = new Findings(request.maxErrors());
      try {
        if (Database.isWal(file)) {
          throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              file + " has a write-ahead log, which does not work in network-exclusive access",
              "stop all its users, then: sqlite-safe journal-mode "
                  + ShellWord.of(file)
                  + " delete");
        }
        content(findings);
      } catch (SqliteSafeException e) {
        lock.ensureHeld(); // the error may be of what was half written
        throw e;
      }
      lock.ensureHeld();
      return Result.of(findings);
    }
  }

  private void content(Findings findings) {
    try {
      check.run(file, OpenMode.READ_NOLOCK, true, findings);
    } catch (SqliteSafeException e) {
      if (!SqlErrors.needsRecovery(e) || !recovered(findings)) {
        throw e;
      }
    }
  }

  private LockManager manager() {
    try {
      return LockManager.of(LockPaths.of(file));
    } catch (IOException e) {
      throw DatabaseCheck.unreadable(file, e);
    }
  }

  /** An empty file is an empty database, but SQLite is not asked: see {@link EmptyFile}. */
  private Findings empty() {
    Findings findings = new Findings(request.maxErrors());
    findings.note("the file is empty");
    Path remains = EmptyFile.remains(file);
    if (remains != null) {
      String name = String.valueOf(remains.getFileName());
      findings.add(
          CheckResult.Kind.FILE,
          "the file is empty, but there are "
              + size(name.substring(String.valueOf(file.getFileName()).length()))
              + " bytes in "
              + name
              + "; save that before any program opens the database, for SQLite would delete it");
    }
    return findings;
  }

  /** False where somebody changed the file in a way that makes the findings worthless. */
  private boolean attempt(Findings findings) {
    try (QuietRead way = QuietRead.of(file, false)) {
      return way.state() == QuietRead.State.CRASHED ? recovered(findings) : run(way, findings);
    }
  }

  private boolean withoutLog(Findings findings) {
    try {
      check.run(file, OpenMode.READ, true, findings);
    } catch (SqliteSafeException e) {
      if (!SqlErrors.isChanging(e)) {
        throw e;
      }
      check.run(file, OpenMode.IMMUTABLE, true, findings); // it has a log, but not now
    }
    return true;
  }

  private boolean run(QuietRead way, Findings findings) {
    boolean logged = way.isWal() && way.state() == QuietRead.State.LIVE;
    if (logged) {
      refuseNetwork();
    }
    try {
      check.run(way.place(), way.mode(), !logged, findings);
    } catch (SqliteSafeException e) {
      if (SqlErrors.isChanging(e) || way.isDisturbed()) {
        return false;
      }
      if (!SqlErrors.needsRecovery(e)) {
        throw e;
      }
      return isThere("-journal") && recovered(findings);
    }
    return !way.isDisturbed();
  }

  private boolean recovered(Findings findings) {
    try (QuietRead copy =
        QuietRead.recovered(file, request.means().scratch(), request.means().cancellation())) {
      if (copy.state() != QuietRead.State.COPY) {
        return false; // it only looked so for a moment
      }
      findings.note(String.valueOf(copy.note("checked")));
      check.run(copy.place(), copy.mode(), !copy.isWal(), findings);
      return true;
    }
  }

  private void refuseNetwork() {
    Mount mount = Mount.of(file);
    if (mount.isNetwork()) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          file
              + " has a write-ahead log in use and lies on a network file system ("
              + mount.type()
              + "), where its index cannot be shared",
          "check it on the host that uses it, or check a backup");
    }
  }

  /** Looks after the room that is left: other checks may use the same file system. */
  private void transfer(InputStream in, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[1 << 17];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        request.means().cancellation().throwIfRequested();
        Scratch.write(out, buffer, n, to, MARGIN);
      }
    }
  }

  // ---- compressed files -----------------------------------------------------------------------

  private Result compressed(SqliteSafeException notPlain) {
    Compression compression;
    long known;
    try {
      compression = Compression.detect(file);
      known = Math.max(size(""), compression.leastPlainSize(file));
    } catch (IOException e) {
      throw DatabaseCheck.unreadable(file, e);
    }
    Findings findings = new Findings(request.maxErrors());
    if (compression == Compression.NONE) {
      if (manifest == null) {
        throw notPlain;
      }
      findings.add(CheckResult.Kind.FILE, Findings.reason(notPlain));
      return Result.of(findings);
    }
    Manifest.Plain content = null;
    long needed = manifest == null ? known : Math.max(known, manifest.database().bytes());
    try (Scratch scratch = Scratch.create(request.means().scratch(), needed + MARGIN)) {
      Path plain = scratch.directory().resolve(COPY);
      content = decompress(compression, plain, findings);
      if (content != null) {
        checkDecompressed(plain, findings);
      }
    }
    return new Result(findings, compression, content);
  }

  /** Null where it cannot be done. */
  private Manifest.@Nullable Plain decompress(
      Compression compression, Path plain, Findings findings) {
    MessageDigest digest = Sha256.digest();
    try (InputStream packed = Files.newInputStream(file);
        InputStream in = new DigestInputStream(compression.decompress(packed), digest)) {
      transfer(in, plain);
      return new Manifest.Plain(Files.size(plain), Sha256.hex(digest), DatabaseHeader.read(plain));
    } catch (IOException e) {
      findings.add(CheckResult.Kind.FILE, "it cannot be decompressed: " + e.getMessage());
      return null;
    }
  }

  private void checkDecompressed(Path plain, Findings findings) {
    try {
      check.run(plain, OpenMode.IMMUTABLE, true, findings);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.NO_DATABASE) {
        throw e;
      }
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE,
          "what is compressed in " + file + " is not a SQLite database",
          "name a compressed SQLite database",
          e);
    }
  }

  // ---- files beside ---------------------------------------------------------------------------

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private boolean isThere(String suffix) {
    return Files.exists(beside(suffix));
  }

  private long size(String suffix) {
    try {
      return Files.size(beside(suffix));
    } catch (IOException gone) {
      return 0;
    }
  }
}
