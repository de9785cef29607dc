package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a traced program's work would have survived a power cut at any moment, if the file system
 * keeps nothing that was not synced, and a rename as soon as it likes: a renamed file must have
 * been synced since it was last written, and its directory since it was renamed.
 *
 * <p>Threads overlap: what a sync has started before counts, when it ends well.
 */
public final class SyncTrace {
  public static final List<String> STRACE =
      List.of(
          "strace",
          "-f",
          "--seccomp-bpf",
          "-y",
          "-s",
          "400",
          "-e",
          "trace=write,pwrite64,writev,pwritev,copy_file_range,sendfile,ftruncate,fallocate,ioctl,"
              + "fsync,fdatasync,rename,renameat,renameat2");

  private static final Pattern CALL =
      Pattern.compile("^(\\d+) +(\\w+)\\((.*?)(?: <unfinished \\.\\.\\.>|\\) += (-?\\d+).*)$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +<\\.\\.\\. (\\w+) resumed>.*\\) += (-?\\d+).*$");
  private static final Pattern FILE = Pattern.compile("\\d+<(/[^>]*)>");
  private static final Pattern NAME = Pattern.compile("\"([^\"]*)\"");

  private final List<String> lines;
  private final Map<String, Integer> written = new HashMap<>();
  private final Map<String, Integer> synced = new HashMap<>();
  private final Map<String, Integer> renamed = new HashMap<>();
  private final Map<String, String> pending = new HashMap<>();
  private final Map<String, Integer> begun = new HashMap<>();
  private final List<String> published = new ArrayList<>();

  private SyncTrace(List<String> lines) {
    this.lines = lines;
  }

  /** Follows the trace; returns the names that files were given, in order. */
  public static List<String> published(List<String> lines) {
    return new SyncTrace(lines).follow();
  }

  private List<String> follow() {
    for (int i = 0; i < lines.size(); i++) {
      Matcher call = CALL.matcher(lines.get(i));
      Matcher resumed = RESUMED.matcher(lines.get(i));
      if (call.matches()) {
        begin(i, call.group(2), call.group(3));
        if (call.group(4) != null) {
          end(i, i, call.group(2), call.group(3), call.group(4));
        } else {
          pending.put(call.group(1), call.group(3));
          begun.put(call.group(1), i);
        }
      } else if (resumed.matches() && begun.containsKey(resumed.group(1))) {
        String thread = resumed.group(1);
        end(begun.get(thread), i, resumed.group(2), pending.get(thread), resumed.group(3));
      }
    }
    renamed.forEach(
        (directory, at) -> {
          if (synced.getOrDefault(directory, -1) < at) {
            fail(directory + " was not synced after line " + at + ": " + lines.get(at));
          }
        });
    return published;
  }

  private void begin(int at, String name, String arguments) {
    if (isWrite(name, arguments)) {
      written.put(target(name, arguments), at);
    } else if (name.startsWith("rename")) {
      beginRename(at, arguments);
    }
  }

  private void end(int began, int at, String name, String arguments, String result) {
    if (isWrite(name, arguments)) {
      written.put(target(name, arguments), at);
    } else if (name.endsWith("sync") && result.equals("0")) {
      synced.merge(target(name, arguments), began, Math::max);
    } else if (name.startsWith("rename") && result.equals("0")) {
      List<String> names = all(NAME, arguments);
      renamed.put(Path.of(names.get(1)).getParent().toString(), at);
      published.add(names.get(1));
      move(written, names);
      move(synced, names);
    }
  }

  private void beginRename(int at, String arguments) {
    String from = all(NAME, arguments).get(0);
    if (written.getOrDefault(from, -1) > synced.getOrDefault(from, -1)) {
      fail(
          "renamed before it was synced, line "
              + at
              + ": "
              + lines.get(at)
              + "\nlast written: "
              + lines.get(written.get(from)));
    }
  }

  private static void move(Map<String, Integer> map, List<String> names) {
    Integer value = map.remove(names.get(0));
    if (value == null) {
      map.remove(names.get(1));
    } else {
      map.put(names.get(1), value);
    }
  }

  private static boolean isWrite(String name, String arguments) {
    if (name.equals("ioctl")) {
      return arguments.contains("FICLONE");
    }
    return !name.endsWith("sync") && !name.startsWith("rename") && !all(FILE, arguments).isEmpty();
  }

  /** The file that is written or synced: where two are named, the second, except of sendfile. */
  private static String target(String name, String arguments) {
    List<String> files = all(FILE, arguments);
    if (files.isEmpty()) {
      return "";
    }
    return name.equals("copy_file_range") ? files.get(files.size() - 1) : files.get(0);
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
