/** The command line: argv to request to core to printer. */
@NullMarked
package io.sqlitesafe.cli;

import org.jspecify.annotations.NullMarked;
