package io.sqlitesafe.mount;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds overlay mounts that have a path in a second way. Only mounts of this name space can be
 * seen: a container does not see that its host writes to the layer below it.
 */
final class OverlayLayers {
  private OverlayLayers() {}

  /**
   * The worst such overlay mount.
   *
   * @param own the mount that holds {@code path}
   * @param device its number, which bind mounts of it share
   */
  static Mount.@Nullable Layer find(String mountInfo, Path path, Mount own, String device) {
    Mount.Layer lower = null;
    String ownUpper = own.type().equals("overlay") ? upper(own.options()) : null;
    for (String line : mountInfo.split("\n")) {
      String[] fields = line.split(" ", -1);
      int dash = Mount.dash(fields);
      if (dash < 0 || !fields[dash + 1].equals("overlay")) {
        continue;
      }
      String options = Mount.unescape(fields[dash + 3]);
      String point = Mount.unescape(fields[4]);
      boolean other = !fields[2].equals(device);
      String upper = upper(options);
      if (upper != null && other && upper.equals(ownUpper)) {
        return new Mount.Layer("shared", point);
      }
      if (upper != null && other && isBelow(path, upper)) {
        return new Mount.Layer("upper", point);
      }
      if (other && isInLower(path, options)) {
        lower = new Mount.Layer("lower", point);
      }
    }
    return lower;
  }

  private static @Nullable String upper(String options) {
    for (String option : options.split(",")) {
      if (option.startsWith("upperdir=")) {
        return option.substring("upperdir=".length());
      }
    }
    return null;
  }

  /** Layers are separated by colons; newer kernels show each as an option of its own. */
  private static boolean isInLower(Path path, String options) {
    for (String option : options.split(",")) {
      if (option.startsWith("lowerdir")) {
        for (String layer : option.substring(option.indexOf('=') + 1).split(":")) {
          if (isBelow(path, layer)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Relative names were meant in the mounting process; "/" is below every sandbox. */
  private static boolean isBelow(Path path, String directory) {
    try {
      return directory.startsWith("/") && directory.length() > 1 && path.startsWith(directory);
    } catch (InvalidPathException notAPath) {
      return false;
    }
  }
}
