/** The shell's terminal: editing, history, completion, colours. The only user of jline. */
@NullMarked
package io.sqlitesafe.cli.shell.terminal;

import org.jspecify.annotations.NullMarked;
