/** Each subcommand in one class. */
@NullMarked
package io.sqlitesafe.cli.command;

import org.jspecify.annotations.NullMarked;
