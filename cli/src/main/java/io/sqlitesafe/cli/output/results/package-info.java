/** The result of a command, for people and as JSON. */
@NullMarked
package io.sqlitesafe.cli.output.results;

import org.jspecify.annotations.NullMarked;
