/** What users hand in besides SQL: rows of data files and parameters. */
@NullMarked
package io.sqlitesafe.cli.input;

import org.jspecify.annotations.NullMarked;
