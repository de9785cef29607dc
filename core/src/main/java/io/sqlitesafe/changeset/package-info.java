/**
 * Changesets and patchsets, byte for byte those of SQLite's session extension
 * (sqlite.org/sessionintro.html), in pure Java. Knows nothing of locks.
 */
@NullMarked
package io.sqlitesafe.changeset;

import org.jspecify.annotations.NullMarked;
