package io.sqlitesafe.internal.recover;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What has to be known of a file before its pages can be read.
 *
 * @param usable bytes of a page that hold content
 * @param encoding of texts: 1 = UTF-8, 2 = UTF-16le, 3 = UTF-16be
 * @param pages in file and log, the last perhaps cut off
 * @param autoVacuum 0 = none, 1 = full, 2 = incremental
 * @param firstFree the first page of the list of unused pages, 0 = there is none, or it is unknown
 * @param freeCount as the header has it
 * @param notes what of this had to be guessed
 */
public record Layout(
    int pageSize,
    int usable,
    int encoding,
    long pages,
    int autoVacuum,
    long firstFree,
    long freeCount,
    int applicationId,
    int userVersion,
    boolean header,
    List<String> notes) {

  Charset charset() {
    return encoding == 1
        ? StandardCharsets.UTF_8
        : encoding == 2 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
  }

  /** As {@code PRAGMA encoding} has it. */
  String encodingName() {
    return charset().name();
  }

  /** A page of pointers to parents, which databases with auto_vacuum have (section 1.8). */
  boolean isPointerMap(long page) {
    if (autoVacuum == 0 || page < 2) {
      return false;
    }
    return pointerMapOf(page) == page;
  }

  /** The page of pointers that has the entry of {@code page}. */
  long pointerMapOf(long page) {
    long each = usable / 5 + 1L;
    long map = (page - 2) / each * each + 2;
    return map == io.sqlitesafe.internal.pages.PageFormat.lockPage(pageSize) ? map + 1 : map;
  }
}
