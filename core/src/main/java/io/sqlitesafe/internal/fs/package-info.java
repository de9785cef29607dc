/** Durable file operations, and who else has a file, under which names. */
@NullMarked
package io.sqlitesafe.internal.fs;

import org.jspecify.annotations.NullMarked;
