package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.mount.Advice;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.PolicyTable;
import io.sqlitesafe.mount.Use;
import java.nio.file.Path;

/** What the policy table means to an operation. Loaded only where it may say something. */
final class FileSystemPolicy {
  private FileSystemPolicy() {}

  /**
   * Admits a writer.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} with the cure
   */
  static void require(Mount mount, Use use, Path database, LockListener listener) {
    PolicyTable.Verdict verdict = PolicyTable.judge(mount, use);
    switch (verdict.advice()) {
      case FINE -> {}
      case WARN -> listener.advice(mount, message(mount, verdict));
      case REFUSE ->
          throw new SqliteSafeException(
                  ErrorKind.UNSAFE,
                  database
                      + " lies on "
                      + named(mount)
                      + ", where "
                      + use.id()
                      + " access loses data: "
                      + verdict.reason(),
                  verdict.cure()
                      + "; --assume-local or --assume-network overrides this where you know better",
                  null)
              .with("fileSystem", mount.type())
              .with("use", use.id());
    }
  }

  /** Tells a reader. */
  static void tell(Mount mount, Use use, LockListener listener) {
    PolicyTable.Verdict verdict = PolicyTable.judge(mount, use);
    if (verdict.advice() != Advice.FINE) {
      listener.advice(mount, message(mount, verdict));
    }
  }

  private static String message(Mount mount, PolicyTable.Verdict verdict) {
    return named(mount) + ": " + verdict.reason() + "; " + verdict.cure();
  }

  private static String named(Mount mount) {
    if (mount.isUnknown()) {
      return "a file system whose type cannot be told";
    }
    Mount.Layer layer = mount.layer();
    return mount.type()
        + " on "
        + mount.mountPoint()
        + (layer == null
            ? ""
            : " (" + layer.role() + " layer of overlay " + layer.mountPoint() + ")");
  }
}
