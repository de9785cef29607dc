/** Captures what a transaction changes, without SQLite's session extension. */
@NullMarked
package io.sqlitesafe.internal.capture;

import org.jspecify.annotations.NullMarked;
