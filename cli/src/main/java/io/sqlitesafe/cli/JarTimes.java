package io.sqlitesafe.cli;

import java.io.File;
import org.jspecify.annotations.Nullable;

/**
 * Gives the jars the time that they were built with. A class-data archive is valid only for jars of that very time, and is otherwise ignored in
 * silence: every start then costs four times the processor time. A copy without times ({@code cp -r}, {@code rsync} without {@code -t}) does that.
 */
final class JarTimes {
  private JarTimes() {}

  /**
   * Looks at one jar, and at the others only if that one has another time. Whoever may not change them starts slowly, no worse.
   *
   * @param built the time in seconds since 1970, as the launcher knows it; null where there is no launcher
   * @param classPath the jars, as the JVM was given them
   */
  static void restore(@Nullable String built, String classPath) {
    if (built == null || built.isEmpty()) {
      return;
    }
    long time = Long.parseLong(built) * 1000;
    int end = classPath.indexOf(File.pathSeparatorChar);
    File first = new File(end < 0 ? classPath : classPath.substring(0, end));
    if (first.lastModified() == time) {
      return;
    }
    for (String jar : classPath.split(File.pathSeparator)) {
      new File(jar).setLastModified(time);
    }
  }
}
