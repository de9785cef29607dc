/** Mounts, durable file operations, and the kind of file system. */
@NullMarked
package io.sqlitesafe.fs;

import org.jspecify.annotations.NullMarked;
