package io.sqlitesafe.mount;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a file is mounted by itself, besides its own place: a name of it in another directory, by
 * which others may use it with a lock and a journal of their own. Seen by the mount table of this
 * process only, so a container's mount is not. Stateless.
 */
public final class FileMounts {
  private FileMounts() {}

  /** The other places of {@code file}, which is resolved. Reads the mount table. */
  public static List<String> elsewhere(Path file) {
    String table = Mount.table();
    return table == null ? List.of() : elsewhere(table, file);
  }

  static List<String> elsewhere(String table, Path file) {
    List<String> found = new ArrayList<>();
    String[] own = Mount.line(table, file);
    if (own == null) {
      return found;
    }
    String within = within(own, Mount.bytes(file.toString()));
    for (String line : table.split("\n")) {
      String[] fields = line.split(" ", -1);
      if (Mount.dash(fields) > 0
          && fields[2].equals(own[2])
          && Mount.unescape(fields[3]).equals(within)
          && !fields[0].equals(own[0])) {
        found.add(Mount.text(Mount.unescape(fields[4])));
      }
    }
    return found;
  }

  /** The path of it in its file system, whatever part of that is mounted. */
  private static String within(String[] mount, String file) {
    String root = Mount.unescape(mount[3]);
    String rest = mount[4].equals("/") ? file : file.substring(mount[4].length());
    return root.equals("/") ? rest : root + rest;
  }
}
