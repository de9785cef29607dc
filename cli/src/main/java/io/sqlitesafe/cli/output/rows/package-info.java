/** Rows, in every format. */
@NullMarked
package io.sqlitesafe.cli.output.rows;

import org.jspecify.annotations.NullMarked;
