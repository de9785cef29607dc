/** The difference of two states of a table, or of two database files, as changes. */
@NullMarked
package io.sqlitesafe.internal.diff;

import org.jspecify.annotations.NullMarked;
