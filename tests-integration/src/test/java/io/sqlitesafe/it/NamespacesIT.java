package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is at {@code /proc} is not always about the processes that one shares the lock with. */
class NamespacesIT {
  /** Holds in the background until a file is there, and runs what is to be refused meanwhile. */
  private static final String OWNER_AND_OTHER =
      """
      "$1" with-lock "$2" -- sh -c 'touch IN; while [ ! -e END ]; do sleep 0.1; done' &
      while [ ! -e IN ]; do sleep 0.1; done
      %s "$1" write --wait 0 "$2" 'INSERT INTO t VALUES(1)'; echo "write $?"
      %s "$1" inspect-lock "$2"; echo "inspect $?"
      touch END; wait $!; echo "owner $?"
      """;

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, "app.db", "CREATE TABLE t(v)");
  }

  private static void requireUnshare(String... options) {
    List<Object> words = new ArrayList<>(List.of("unshare"));
    words.addAll(List.of(options));
    words.add("true");
    assumeTrue(
        Program.exists("unshare") && Program.of(words.toArray()).run().exit() == 0,
        "needs unshare " + String.join(" ", options));
  }

  private Result run(List<String> wrapper, String prefix) {
    String script = OWNER_AND_OTHER.formatted(prefix, prefix);
    return Program.of("sh", "-c", script, "sh", Cli.launcher(), db)
        .behind(wrapper)
        .in(directory)
        .run();
  }

  private void assertHeld(Result result) {
    assertTrue(result.out().contains("write 11\n"), result::toString);
    assertTrue(result.out().contains("held: "), result::toString);
    assertTrue(result.out().contains("owner 0\n"), result::toString);
    assertEquals(0, Db.integer(db, "SELECT count(*) FROM t"));
  }

  /** The outer one's pids belong to others, or to nobody. */
  @Test
  void aProcOfTheOuterPidNamespace() {
    requireUnshare("--pid", "--fork");
    assertHeld(run(List.of("unshare", "--pid", "--fork"), ""));
  }

  /** Start times are told to each reader as its own time name space counts them. */
  @Test
  void anObserverInAnotherTimeNamespace() {
    requireUnshare("--time", "--boottime", "100000", "--fork");
    assertHeld(run(List.of(), "unshare --time --boottime 100000 --fork"));
  }

  /** With hidepid, pid 1 can be seen by a user whose it is, and nobody else's processes. */
  @Test
  void aProcThatHidesOtherUsers() {
    assumeTrue(Privileges.root(), "needs root");
    requireUnshare("--pid", "--fork", "--mount-proc");
    Program.of("chmod", "777", directory, db).run().exits(0);
    Program.of("chmod", "666", db).run().exits(0);
    String ordinary = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
    // pid 1 becomes the observer's user; root's process, the owner, cannot be seen by it.
    String script =
        """
        mount -t proc -o hidepid=2 proc /proc || exit 77
        "$1" with-lock "$2" -- sh -c 'touch IN; while [ ! -e END ]; do sleep 0.1; done' &
        while [ ! -e IN ]; do sleep 0.1; done
        exec %s sh -c '"$1" write --wait 0 "$2" "INSERT INTO t VALUES(1)"; echo "write $?"
        "$1" inspect-lock "$2"; touch END
        while [ -d "$2.lock" ]; do sleep 0.1; done; echo "owner 0"' sh "$1" "$2"
        """
            .formatted(ordinary);
    Result result =
        Program.of("sh", "-c", script, "sh", Cli.launcher(), db)
            .behind(List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child"))
            .in(directory)
            .run();
    assumeTrue(result.exit() != 77, "needs a /proc with hidepid");
    assertHeld(result);
  }

  /** Then no line of the mount table leads to the database, and Java knows of no mount either. */
  @Test
  void aChrootIntoAFolderOfAMount() {
    assumeTrue(Privileges.root() && Program.exists("chroot"), "needs root and chroot");
    requireUnshare("--mount");
    Path image = Cli.launcher().getParent().getParent();
    assumeTrue(Files.isExecutable(image.resolve("runtime/bin/java")), "needs the bundled runtime");
    String script =
        """
        set -e
        mount -t tmpfs none "$1"; mkdir "$1/r"; cd "$1/r"
        for i in usr bin lib lib64 etc proc dev; do
            [ -e "/$i" ] || continue
            mkdir $i; mount --rbind "/$i" $i
        done
        mkdir app data data/closed tmp; mount --bind "$2" app; cp "$3" data/app.db; cp "$3" data/closed
        chmod 555 data/closed; chown 65534:65533 data/closed
        set +e
        chroot . /app/bin/sqlite-safe inspect-lock data/app.db; echo "known $?"
        chroot . /usr/bin/env PATH=/app/bin /app/bin/sqlite-safe write data/app.db 'DELETE FROM t'
        echo "unknown $?"
        chroot . /usr/bin/setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all \
            /app/bin/sqlite-safe write data/closed/app.db 'DELETE FROM t'; echo "closed $?"
        """;
    Path root = directory.resolve("root");
    root.toFile().mkdir();
    Result result =
        Program.of("sh", "-c", script, "sh", root, image, db)
            .behind(List.of("unshare", "--mount"))
            .run()
            .exits(0);
    assertTrue(result.out().contains("tmpfs"), result::toString);
    assertTrue(result.out().contains("known 0\n"), result::toString);
    assertTrue(result.err().contains("may be any of these, NFS"), result::toString);
    assertTrue(result.out().contains("unknown 0\n"), result::toString);
    assertTrue(result.err().contains("/data/closed, which belongs to "), result::toString);
    assertTrue(result.out().contains("closed 1\n"), result::toString);
  }
}
