package io.sqlitesafe.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountTest {
  private static final String TABLE =
      """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      30 22 0:50 / /srv/data rw,noatime shared:2 master:1 - nfs4 filer:/export rw,vers=4.2,hard
      31 30 8:2 / /srv/data/local\\040disk rw - xfs /dev/sdb1 rw
      33 22 0:52 / /srv/other rw shared:2 - nfs4 filer:/export rw,vers=4.2,hard
      34 33 8:3 / /srv/other/app.db rw - xfs /dev/sdc1 rw
      35 33 0:51 / /srv/other rw shared:3 - nfs filer:/old rw,vers=3
      40 22 8:1 /host/app.db//deleted /srv/one\\134two\\012\r.db rw - ext4 /dev/sda1 rw
      broken line
      """;

  private static Mount find(String path) {
    Mount mount = Mount.find(TABLE, Path.of(path));
    assertNotNull(mount);
    return mount;
  }

  @Test
  void theLongestMountPointHoldsThePath() {
    assertEquals("ext4", find("/srv/database").type());
    assertEquals("ext4", find("/").type());
    assertEquals("xfs", find("/srv/data/local disk/app.db").type());
  }

  /** The table goes on listing a mount, here of one file, that a later one hides. */
  @Test
  void theLastOfSeveralMountsOnOnePointIsTheVisibleOne() {
    Mount mount = find("/srv/other/app.db");
    assertEquals("nfs", mount.type());
    assertEquals("rw,rw,vers=3", mount.options());
    assertFalse(mount.isAt(Path.of("/srv/other/app.db")));
  }

  @Test
  void aFileMayBeAMountByItself() {
    Path file = Path.of("/srv/one\\two\n\r.db");
    assertTrue(find(file.toString()).isAt(file));
    assertFalse(find("/srv/one").isAt(Path.of("/srv/one")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.bindfs",
        "fuse"
      })
  void sharedBetweenKernels(String type) {
    assertTrue(new Mount(type, "", "", "/").isNetwork());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk", "zfs", "apfs", "NTFS"})
  void ofThisHostOnly(String type) {
    assertFalse(new Mount(type, "", "", "/").isNetwork());
  }

  /** What a process sees whose root is no mount point (chroot into a folder). */
  @Test
  void aRootThatIsNoMountPointIsKnownByItsDevice() {
    String table =
        "67 45 0:52 /usr /usr rw,relatime - nfs4 server:/export rw,vers=4.2\n"
            + "69 45 0:39 / /proc rw,relatime - proc proc rw\n"
            + "70 45 0:60 / /merged rw - overlay overlay"
            + " rw,lowerdir=/low,upperdir=/up,workdir=/w\n";
    Path file = Path.of("/low/app.db");
    assertNull(Mount.find(table, file));
    Mount mount = Mount.find(table, file, "0:52");
    assertNotNull(mount);
    assertEquals("nfs4", mount.type());
    assertEquals("/", mount.mountPoint());
    assertEquals(new Mount.Layer("lower", "/merged"), mount.layer());
    assertNull(Mount.find(table, file, "0:53"));
    assertEquals("254:0", Mount.device(0xfe00));
    assertEquals("8:260", Mount.device(0x100804));
  }
}
