package io.sqlitesafe.internal.capture;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.fs.UserIds;
import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether a record of an unpublished changeset is acted on. Whoever can make files beside a
 * database can make one, in a directory like /tmp without even being able to read the database, and
 * what it tells to rename would be renamed with the rights of whoever comes next. A colleague's, in
 * a directory of a group, is as good as one's own, but to finish or discard it is for them.
 *
 * <p>So it is acted on where it belongs to this user, to root or to the owner of the database, and
 * nobody is done a favour that they could not do themselves: the temporary file must belong to the
 * same user as the record and, unless it is this user's own, so must the file that it replaces. Any
 * other one is left alone, until its owner comes or somebody says that it is to be settled.
 *
 * @param own it is this user's
 */
record RecordOwner(boolean own) {
  /**
   * Looks at a record; opens nothing.
   *
   * @param ours a file that this process, or one that it takes part in, has made on the same file
   *     system: on NFS, root's files may belong to nobody
   * @return why it is left alone, or null
   */
  static @Nullable String objection(Path record, Path database, Path ours) throws IOException {
    FileKind kind = FileKind.of(record, LinkOption.NOFOLLOW_LINKS);
    if (kind != FileKind.REGULAR) {
      return "is " + kind.words();
    }
    int owner = UserIds.ownerOf(record);
    if (!isOwn(owner, ours) && owner != UserIds.ROOT && owner != UserIds.ownerOf(database)) {
      return "belongs to another user (uid " + owner + ")";
    }
    return OtherNames.links(record) > 1 ? "has other names too (hard links)" : null;
  }

  static RecordOwner of(Path record, Path ours) {
    return new RecordOwner(isOwn(UserIds.ownerOf(record), ours));
  }

  private static boolean isOwn(int owner, Path ours) {
    return owner == UserIds.UNKNOWN || owner == UserIds.self() || owner == UserIds.ownerOf(ours);
  }
}
