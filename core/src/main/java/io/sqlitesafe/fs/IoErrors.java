package io.sqlitesafe.fs;

import java.io.IOException;

/** The words for what a file system refused. No state. */
public final class IoErrors {
  private IoErrors() {}

  /** The file system's own words; Java puts only the path into some messages. */
  public static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.getClass().getSimpleName()) {
      case "AccessDeniedException" -> message + ": permission denied";
      case "NoSuchFileException" -> message + ": no such file or directory";
      default -> message;
    };
  }
}
