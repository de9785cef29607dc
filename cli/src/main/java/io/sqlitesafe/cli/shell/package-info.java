/**
 * The interactive shell, without its terminal: what is typed goes in as text, results come out as
 * text. Line editing is in {@code terminal}.
 */
@NullMarked
package io.sqlitesafe.cli.shell;

import org.jspecify.annotations.NullMarked;
