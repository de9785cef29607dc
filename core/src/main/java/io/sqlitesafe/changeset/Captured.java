package io.sqlitesafe.changeset;

import java.nio.file.Path;
import java.util.List;

/**
 * The changes of one transaction.
 *
 * @param file where they are; with a dry run, where they would be
 * @param method the one that was used
 * @param notCaptured what is missing in it
 */
public record Captured(
    Path file,
    Format format,
    CaptureMethod method,
    ChangeCounts counts,
    List<NotCaptured> notCaptured) {}
