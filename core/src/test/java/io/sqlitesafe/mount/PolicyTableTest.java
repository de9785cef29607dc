package io.sqlitesafe.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines are of real mounts, as proc(5)'s mountinfo shows them; names changed. */
class PolicyTableTest {
  private static final String ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";

  private static Mount mount(String lines, String path) {
    Mount mount = Mount.find(ROOT + lines, Path.of(path));
    assertNotNull(mount);
    return mount;
  }

  /** Advice on the four uses, by first letters. */
  private static String advice(Mount mount) {
    return Stream.of(Use.values())
        .map(use -> PolicyTable.judge(mount, use).advice().name().substring(0, 1))
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FFFF | ext4 /dev/sda1 rw",
        "FFFF | xfs /dev/sdb1 rw,attr2,inode64,logbufs=8,logbsize=32k,noquota",
        "FFFF | tmpfs tmpfs rw,size=262144k,inode64",
        "FFFF | overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/o/diff,workdir=/o/work",
        "FFFF | fuse.fuse-overlayfs fuse-overlayfs rw,user_id=0,group_id=0,default_permissions",
        "FFFF | fuseblk /dev/sdc1 rw,user_id=0,group_id=0,allow_other,blksize=4096",
        "FRFW | nfs4 filer:/x"
            + " rw,vers=4.2,rsize=1048576,wsize=1048576,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=10.0.0.2,local_lock=none,addr=10.0.0.1",
        "FRFW | nfs filer:/x rw,vers=4.0,hard,local_lock=none,addr=10.0.0.1",
        "FRFW | nfs4 filer:/x rw,vers=4.2,hard,noac,lookupcache=none,local_lock=none,addr=10.0.0.1",
        "FRFR | nfs filer:/x"
            + " rw,vers=3,rsize=1048576,namlen=255,hard,proto=tcp,mountvers=3,local_lock=none,addr=10.0.0.1",
        "RRFR | nfs filer:/x rw,vers=3,hard,nolock,proto=tcp,local_lock=all,addr=10.0.0.1",
        "RRFR | nfs filer:/x rw,vers=3,hard,local_lock=posix,addr=10.0.0.1",
        "FRFR | nfs filer:/x rw,vers=3,hard,local_lock=flock,addr=10.0.0.1",
        "WRRR | nfs4 filer:/x rw,vers=4.2,hard,nocto,local_lock=none,addr=10.0.0.1",
        "RRRR | nfs filer:/x rw,vers=3,hard,nolock,nocto,local_lock=all,addr=10.0.0.1",
        "WRWW | nfs4 filer:/x rw,vers=4.2,soft,local_lock=none,addr=10.0.0.1",
        "RRRR | cifs //filer/x"
            + " rw,vers=3.1.1,cache=strict,username=u,uid=0,soft,nounix,serverino,mapposix,actimeo=1",
        "RRRR | smb3 //filer/x rw,vers=3.1.1,cache=strict,nobrl",
        "RRRR | fuse.glusterfs host:/vol"
            + " rw,user_id=0,group_id=0,default_permissions,allow_other,max_read=131072",
        "RRRR | fuse.sshfs host:/x rw,user_id=0,group_id=0",
        "RRRR | fuse.rclone remote: rw,user_id=0,group_id=0",
        "RRRR | fuse.s3fs s3fs rw,user_id=0,group_id=0",
        "RRRR | fuse.somefs /x rw,user_id=0,group_id=0",
        "RRWW | fuse.bindfs /x rw,user_id=0,group_id=0,default_permissions,allow_other",
        "RRWW | fuse.mergerfs /x:/y rw,user_id=0,group_id=0,default_permissions,allow_other",
        "RRWW | fuse.unionfs unionfs rw,user_id=0,group_id=0,default_permissions",
        "WRWW | fuse.gocryptfs /x rw,user_id=0,group_id=0,max_read=131072",
        "RRRR | fuse none rw,user_id=0,group_id=0",
        "WRWW | 9p drvfs"
            + " rw,dirsync,aname=drvfs,mmap,access=client,msize=65536,trans=fd,rfd=8,wfd=8",
        "WRWW | virtiofs share rw",
        "WRWW | ceph 10.0.0.1:/ rw,name=a,secret=<hidden>,acl",
        "RRWR | lustre mgs@tcp:/fs rw,localflock",
      })
  void aMountGetsTheStrictestAdviceOfItsRows(String expected, String mounted) {
    Mount mount = mount("30 22 0:50 / /srv rw,noatime shared:2 - " + mounted + "\n", "/srv/app.db");
    assertEquals(expected, advice(mount));
    boolean local = expected.equals("FFFF");
    assertEquals(!local, mount.isQuestionable());
    assertEquals(!local, mount.isNetwork());
  }

  @Test
  void theReasonIsThatOfTheStrictestRow() {
    Mount mount =
        mount("30 22 0:50 / /srv rw - nfs filer:/x rw,vers=3,nolock,local_lock=all\n", "/srv");
    PolicyTable.Verdict verdict = PolicyTable.judge(mount, Use.TRUSTED_ROLLBACK);
    assertTrue(verdict.reason().contains("69 commits"), verdict.reason());
    assertTrue(verdict.cure().contains("network-exclusive"), verdict.cure());
    assertEquals("", PolicyTable.judge(mount, Use.PUBLISH).cure());
  }

  @Test
  void nobodyIsToldToDoWhatHeDoes() {
    Mount sshfs = mount("30 22 0:50 / /srv rw - fuse.sshfs host:/x rw\n", "/srv");
    assertTrue(PolicyTable.judge(sshfs, Use.TRUSTED_WAL).cure().contains("network-exclusive"));
    Mount nolock = mount("30 22 0:50 / /srv rw - nfs4 filer:/x rw,nolock\n", "/srv");
    assertTrue(
        PolicyTable.judge(nolock, Use.TRUSTED_ROLLBACK).cure().contains("network-exclusive"));
    assertTrue(PolicyTable.judge(nolock, Use.IN_PLACE).cure().contains("without --in-place"));
  }

  @Test
  void aPersonsWordCountsForMore() {
    Mount sshfs = mount("30 22 0:50 / /srv rw - fuse.sshfs host:/x rw\n", "/srv");
    assertEquals("FFFF", advice(sshfs.assumed(Mount.Assumed.LOCAL)));
    assertFalse(sshfs.assumed(Mount.Assumed.LOCAL).isNetwork());
    assertEquals("FRFF", advice(sshfs.assumed(Mount.Assumed.NETWORK)));
    Mount ext4 = mount("", "/srv").assumed(Mount.Assumed.NETWORK);
    assertEquals("FRFF", advice(ext4));
    assertTrue(ext4.isNetwork());
  }

  private static final String OVERLAY =
      "40 22 0:60 / /merged rw,relatime - overlay overlay"
          + " rw,lowerdir=/low\\040er:/base,upperdir=/up,workdir=/work\n";

  @ParameterizedTest
  @CsvSource({
    "/low er/app.db, lower, RRRR",
    "/base/sub/app.db, lower, RRRR",
    "/up/app.db, upper, RRRR",
    "/merged/app.db, , FFFF",
    "/lower/app.db, , FFFF",
    "/upper/app.db, , FFFF",
  })
  void aLayerOfAnOverlayIsSeenAsOne(String path, String role, String expected) {
    Mount mount = mount(OVERLAY, path);
    Mount.Layer layer = mount.layer();
    assertEquals(role, layer == null ? null : layer.role());
    assertEquals(expected, advice(mount));
    assertEquals(role != null, mount.isQuestionable());
  }

  @Test
  void twoOverlaysOnOneUpperLayerAreTwoWorlds() {
    String second = OVERLAY.replace("/merged", "/second").replace("0:60", "0:61");
    Mount mount = mount(OVERLAY + second, "/merged/app.db");
    assertEquals("RRRR", advice(mount));
    assertEquals(new Mount.Layer("shared", "/second"), mount.layer());
    String bound = OVERLAY.replace("/merged", "/bound"); // the same device: a bind mount of it
    assertEquals("FFFF", advice(mount(OVERLAY + bound, "/merged/app.db")));
  }

  @Test
  void everyRowSaysWhatWasMeasuredAndWhatToDo() {
    Set<String> seen = new HashSet<>();
    for (PolicyRow row : PolicyTable.rows()) {
      assertTrue(seen.add(row.where()), row.where());
      assertFalse(row.types().isEmpty(), row.where());
      assertFalse(row.reason().isEmpty(), row.where());
      boolean fine = Stream.of(Use.values()).allMatch(use -> row.advice(use) == Advice.FINE);
      assertEquals(fine, row.cure().isEmpty(), row.where());
    }
  }
}
