/** One SQL statement, its parameters and its rows, on a connection that somebody else opens. */
@NullMarked
package io.sqlitesafe.sql;

import org.jspecify.annotations.NullMarked;
