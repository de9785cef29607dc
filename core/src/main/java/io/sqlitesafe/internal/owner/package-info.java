/**
 * The right to write to a database: its lock is held, and whoever was in before has finished. What
 * writes, captures, converses and recovers goes through {@link io.sqlitesafe.internal.owner.Owner}.
 */
@NullMarked
package io.sqlitesafe.internal.owner;

import org.jspecify.annotations.NullMarked;
