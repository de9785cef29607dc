package io.sqlitesafe.mount;

import static io.sqlitesafe.mount.Advice.FINE;
import static io.sqlitesafe.mount.Advice.REFUSE;
import static io.sqlitesafe.mount.Advice.WARN;
import static io.sqlitesafe.mount.PolicyRow.ANY;
import static io.sqlitesafe.mount.PolicyRow.ANY_FUSE;

import java.util.List;

/**
 * On which mounts a database is safe: data, with what was measured beside each row. README's "Where
 * it is safe" is made of it. A mount gets the strictest advice of all rows that match it, so a new
 * row cannot loosen another. "Not measured" says so; figures are of two clients on Linux 6.1 (NFS,
 * SMB) or two mounts on Linux 6.18, two writers, 200 to 500 rounds a race; "lost" commits had been
 * reported as done.
 */
public final class PolicyTable {
  private static final String EXCLUSIVE =
      "use network-exclusive access (sqlite-safe access DB network-exclusive)";
  private static final String NO_WAL =
      "keep the rollback journal (sqlite-safe journal-mode DB delete)";
  private static final String PROBE =
      "try it with all hosts that use it: sqlite-safe probe DIR --join";
  private static final String ELSEWHERE =
      "keep the database on another file system, and copy backups to this one";
  private static final List<String> NFS = List.of("nfs", "nfs4");
  private static final List<String> SMB = List.of("cifs", "smb3", "smbfs");

  private static final List<PolicyRow> ROWS =
      List.of(
          new PolicyRow(
              "ext4, xfs, btrfs, tmpfs and other file systems of this host",
              Mount.local(),
              List.of(),
              FINE,
              FINE,
              FINE,
              FINE,
              "one winner of every race, no commit lost; of an overlay this holds for one mount of"
                  + " it",
              ""),
          new PolicyRow(
              "a directory that is the lower layer of an overlay mount",
              List.of(ANY),
              List.of("layer=lower"),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "host and container: mkdir had two winners in 71 of 200 rounds, 36 of 369 commits"
                  + " lost, changes never seen; the kernel calls writing to it undefined",
              "let the container use a bind mount or a volume instead"),
          new PolicyRow(
              "the upper layer of an overlay mount, or of two of them",
              List.of(ANY),
              List.of("layer=upper", "layer=shared"),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "two mounts: no common locks, changes never seen, database destroyed; the kernel"
                  + " calls it undefined",
              "let all use one mount, a bind mount or a volume"),
          new PolicyRow(
              "NFS 4",
              List.of("nfs4"),
              List.of(),
              FINE,
              REFUSE,
              FINE,
              WARN,
              "rollback journal: no commit lost (4.0, 4.2, Ganesha), but a reader whose host stood"
                  + " still for longer than the server's lease may be told \"malformed\" once; WAL:"
                  + " 5 of 2258 lost (4.0), disk I/O error for good (4.2); by rename: none of 75"
                  + " lost, clients frozen, crashed, cut off; in place: not measured",
              NO_WAL),
          new PolicyRow(
              "NFS 4 with `noac` or `lookupcache=none`",
              List.of("nfs4"),
              List.of("noac", "lookupcache=none"),
              FINE,
              REFUSE,
              FINE,
              WARN,
              "changes seen within 10 ms instead of 30 s; rollback journal: no commit lost; WAL:"
                  + " malformed",
              NO_WAL),
          new PolicyRow(
              "NFS 3",
              List.of("nfs"),
              List.of(),
              FINE,
              REFUSE,
              FINE,
              REFUSE,
              "rollback journal: no commit lost, but a dead host's locks stay until it is back;"
                  + " WAL: the second host gets \"locking protocol\"; a rewrite of the same size"
                  + " within one tick of the server's clock was not seen for over 70 s",
              NO_WAL + ", and commit by rename; or mount it as NFS 4"),
          new PolicyRow(
              "NFS with `nolock` or `local_lock=`",
              NFS,
              List.of("nolock", "local_lock=all", "local_lock=posix"),
              REFUSE,
              REFUSE,
              FINE,
              REFUSE,
              "both hosts got the same lock, the database was malformed after 69 commits; by"
                  + " rename: none of 72 lost, clients frozen and crashed",
              "mount it without that option, or " + EXCLUSIVE),
          new PolicyRow(
              "NFS with `nocto`",
              NFS,
              List.of("nocto"),
              WARN,
              REFUSE,
              REFUSE,
              REFUSE,
              "not measured; what is opened need not be what was last closed (nfs(5)), and the"
                  + " lock's protocol relies on that",
              "mount it without nocto"),
          new PolicyRow(
              "NFS with `soft`",
              NFS,
              List.of("soft", "softerr"),
              WARN,
              REFUSE,
              WARN,
              WARN,
              "not measured; what times out is reported as failed, and may be done later all the"
                  + " same (nfs(5))",
              "mount it hard"),
          new PolicyRow(
              "SMB",
              SMB,
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "SQLite cannot create a database (\"database is locked\"); mkdir and exclusive create"
                  + " had one winner each; by rename 4 of 177 commits lost, for a client shows what"
                  + " is older",
              ELSEWHERE),
          new PolicyRow(
              "SMB with `nobrl`",
              SMB,
              List.of("nobrl"),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "9 of 621 commits lost; WAL: malformed; by rename none of 57 lost, but a read saw"
                  + " what was older",
              ELSEWHERE),
          new PolicyRow(
              "GlusterFS",
              List.of("fuse.glusterfs", "glusterfs"),
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "8 of 517 commits lost (replica 3), 1 of 2036 (distribute), by rename 7 of 107; reads"
                  + " 1 s old, so that in 48 of 970 races both writers found nothing there; WAL"
                  + " unusable; link had two winners. With all caches of volume and mount off,"
                  + " which a client cannot see: 0 of 334 lost, by rename 0 of 153, and in 3142"
                  + " races one writer each (once a volume ended in I/O errors on the lock"
                  + " directory)",
              "switch all caches of the volume and of its mounts off, and say --assume-network"),
          new PolicyRow(
              "sshfs",
              List.of("fuse.sshfs"),
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "no locks between two mounts, the database was destroyed; listings 21 s old; by"
                  + " rename none of 73 lost, but one copy came out short and read as malformed."
                  + " With all caches off, which a mount does not show: by rename none of 325 lost",
              "mount it with -o dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0;"
                  + " then sqlite-safe access DB network-exclusive, and say --assume-network"),
          new PolicyRow(
              "rclone",
              List.of("fuse.rclone"),
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "mkdir had two winners in 199 of 200 rounds, exclusive create in 100 of 100; no"
                  + " locks; 20 s old",
              ELSEWHERE),
          new PolicyRow(
              "s3fs, gcsfuse, WebDAV and other object stores",
              List.of(
                  "fuse.s3fs",
                  "fuse.goofys",
                  "fuse.geesefs",
                  "fuse.gcsfuse",
                  "gcsfuse",
                  "fuse.mount-s3",
                  "mountpoint-s3",
                  "fuse.blobfuse",
                  "fuse.blobfuse2",
                  "fuse.onedriver",
                  "fuse.google-drive-ocamlfuse",
                  "fuse.davfs",
                  "davfs",
                  "webdav"),
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "not measured; of rclone's kind: no atomic mkdir, no locks",
              ELSEWHERE),
          new PolicyRow(
              "shares of a virtual machine's host: 9p, virtiofs, vboxsf",
              List.of("9p", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fuse.vmhgfs-fuse"),
              List.of(),
              WARN,
              REFUSE,
              WARN,
              WARN,
              "not measured; locks may hold within this machine only",
              PROBE),
          new PolicyRow(
              "Ceph, Lustre, GFS2, OCFS2 and other cluster file systems",
              List.of(
                  "ceph",
                  "fuse.ceph",
                  "fuse.ceph-fuse",
                  "lustre",
                  "gfs2",
                  "ocfs2",
                  "gpfs",
                  "beegfs",
                  "orangefs",
                  "pvfs2",
                  "afs",
                  "coda",
                  "ncpfs"),
              List.of(),
              WARN,
              REFUSE,
              WARN,
              WARN,
              "not measured",
              PROBE),
          new PolicyRow(
              "Lustre with `localflock`, GFS2 with `localflocks`",
              List.of("lustre", "gfs2"),
              List.of("localflock", "localflocks"),
              REFUSE,
              REFUSE,
              WARN,
              REFUSE,
              "not measured; by these options locks hold within one host only",
              "mount it without that option, or " + EXCLUSIVE),
          new PolicyRow(
              "mergerfs, bindfs, unionfs-fuse and other mirrors of this host's folders",
              List.of("fuse.mergerfs", "fuse.bindfs", "fuse.unionfs", "fuse.unionfs-fuse"),
              List.of(),
              REFUSE,
              REFUSE,
              WARN,
              WARN,
              "used by the original path, too, there were no common locks: 8 of 78 commits lost"
                  + " (bindfs), 3 of 72 (mergerfs); by rename and in place none of 63",
              "use the original path everywhere; or, where all use this one mount, say"
                  + " --assume-local; or "
                  + EXCLUSIVE),
          new PolicyRow(
              "gocryptfs, EncFS, CryFS and other encrypted views of this host's folders",
              List.of("fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"),
              List.of(),
              WARN,
              REFUSE,
              WARN,
              WARN,
              "not measured; two mounts of a pass-through file system had no common locks, and WAL"
                  + " ended malformed",
              "use one mount only (then say --assume-local), or " + PROBE),
          new PolicyRow(
              "every other FUSE file system",
              List.of(ANY_FUSE),
              List.of(),
              REFUSE,
              REFUSE,
              REFUSE,
              REFUSE,
              "two mounts of a pass-through file system had no common locks, and WAL ended"
                  + " malformed; by rename none of 517 lost, but where attributes are believed for"
                  + " 60 s, which a mount does not show, 12 of 129 writers read a copy that came"
                  + " out short",
              "if this host alone uses it, by one mount, say --assume-local; if not, "
                  + PROBE
                  + ", and where that finds no fault say --assume-network"),
          new PolicyRow(
              "one whose type cannot be told (a `chroot` without the right mount table)",
              List.of(Mount.UNKNOWN),
              List.of(),
              WARN,
              WARN,
              WARN,
              WARN,
              "may be any of these, NFS and its like included",
              "run it outside of the chroot, or make its root a mount point; or say --assume-local or"
                  + " --assume-network"));

  private PolicyTable() {}

  /** In the order in which people read them. */
  public static List<PolicyRow> rows() {
    return ROWS;
  }

  /** Whether a row other than the first, of local ones, is about this type. */
  static boolean isShared(String type) {
    return type.equals("fuse") || type.startsWith("fuse.") || isNamed(type, 1);
  }

  private static boolean isNamed(String type, int fromRow) {
    for (PolicyRow row : ROWS.subList(fromRow, ROWS.size())) {
      if (row.names(type)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What a mount is good for.
   *
   * @param reason of the strictest row; empty where none is about this mount
   * @param cure what to do about it; empty where nothing is to be done
   * @param presumed it is the advice on all that nobody has tried, which a probe can clear
   */
  public record Verdict(Advice advice, String reason, String cure, boolean presumed) {
    Verdict(Advice advice, String reason, String cure) {
      this(advice, reason, cure, false);
    }
  }

  /** The strictest advice of all rows about this mount, unless a person knows better. */
  public static Verdict judge(Mount mount, Use use) {
    if (mount.assumed() == Mount.Assumed.LOCAL) {
      return new Verdict(FINE, "assumed to be local", "");
    }
    if (mount.assumed() == Mount.Assumed.NETWORK) {
      return use == Use.TRUSTED_WAL
          ? new Verdict(REFUSE, "assumed to be shared by several hosts", NO_WAL)
          : new Verdict(FINE, "assumed to be shared by several hosts, with locks", "");
    }
    Verdict strictest = new Verdict(FINE, "", "");
    boolean named = isNamed(mount.kind(), 0);
    for (PolicyRow row : ROWS) {
      if (!row.matches(mount, named)) {
        continue;
      }
      Advice advice = row.advice(use);
      if (strictest.reason().isEmpty() || advice.compareTo(strictest.advice()) > 0) {
        boolean presumed = row.names(ANY_FUSE) && use != Use.TRUSTED_WAL;
        String cure = advice == FINE ? "" : cure(row, use);
        strictest = new Verdict(advice, row.reason(), cure, presumed);
      }
    }
    return strictest;
  }

  /** Whoever has network-exclusive access already is told something else. */
  private static String cure(PolicyRow row, Use use) {
    if (!row.cure().contains(EXCLUSIVE)) {
      return row.cure();
    }
    return switch (use) {
      case PUBLISH -> PROBE;
      case IN_PLACE -> "commit by rename, without --in-place";
      case TRUSTED_ROLLBACK, TRUSTED_WAL -> row.cure();
    };
  }
}
