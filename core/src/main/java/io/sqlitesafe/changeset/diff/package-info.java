/** The difference of two states of a table, or of two database files, as changes. */
@NullMarked
package io.sqlitesafe.changeset.diff;

import org.jspecify.annotations.NullMarked;
