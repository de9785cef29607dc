/**
 * Tries out what a directory's file system gives, by two processes that work in a scratch directory
 * in it: races, visibility, clocks, locks, SQLite. Knows the policy table, but not the commands.
 */
@NullMarked
package io.sqlitesafe.probe;

import org.jspecify.annotations.NullMarked;
