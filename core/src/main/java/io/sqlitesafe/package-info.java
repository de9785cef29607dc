/**
 * The front door: {@link io.sqlitesafe.SafeDatabase}.
 *
 * <p>A JVM that was started in the POSIX locale (no {@code LC_ALL}, {@code LC_CTYPE} or {@code
 * LANG}, as in many containers and from cron) can name no file outside ASCII: {@link
 * java.nio.file.Path#of} refuses the text with an {@link java.nio.file.InvalidPathException}, and
 * files that have such names come out of directory listings damaged. Nothing inside the process can
 * change that: start it with {@code LC_ALL=C.UTF-8}, as the program's launcher does. A name whose
 * bytes are not valid UTF-8 can never be used: SQLite would be given another name, so that such a
 * file is refused.
 */
@NullMarked
package io.sqlitesafe;

import org.jspecify.annotations.NullMarked;
