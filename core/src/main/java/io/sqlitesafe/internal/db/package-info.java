/** One SQLite connection, opened right, and what runs on it. */
@NullMarked
package io.sqlitesafe.internal.db;

import org.jspecify.annotations.NullMarked;
