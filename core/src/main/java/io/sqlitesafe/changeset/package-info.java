/**
 * Changesets as SQLite's session extension has them (sqlite.org/sessionintro.html): made, read and
 * applied without that extension. Knows nothing of locks.
 */
@NullMarked
package io.sqlitesafe.changeset;

import org.jspecify.annotations.NullMarked;
