package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The words for what a file system refused. No state. */
public final class IoErrors {
  private IoErrors() {}

  /** The file system's own words; Java puts only the path into some messages. */
  public static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.getClass().getSimpleName()) {
      case "AccessDeniedException" -> denied(message);
      case "NoSuchFileException" -> message + ": no such file or directory";
      default -> message;
    };
  }

  /** Whose directory it is says more than the name of a temporary file in it. */
  private static String denied(String file) {
    try {
      Path directory = Path.of(file).toAbsolutePath().getParent();
      return directory == null || Files.isWritable(directory)
          ? file + ": permission denied"
          : "permission denied: " + FileOwner.mayNot("make files in", directory);
    } catch (InvalidPathException noFile) {
      return file + ": permission denied";
    }
  }
}
