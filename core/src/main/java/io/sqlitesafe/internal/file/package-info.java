/** Files that are made beside others: names, room, ownership, publication in one step. */
@NullMarked
package io.sqlitesafe.internal.file;

import org.jspecify.annotations.NullMarked;
