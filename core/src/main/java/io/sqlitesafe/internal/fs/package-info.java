/** Mounts, durable file operations, and the kind of file system. */
@NullMarked
package io.sqlitesafe.internal.fs;

import org.jspecify.annotations.NullMarked;
