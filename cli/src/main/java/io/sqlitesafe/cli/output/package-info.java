/** What goes to stdout: rows in every format, and results and errors as JSON. */
@NullMarked
package io.sqlitesafe.cli.output;

import org.jspecify.annotations.NullMarked;
