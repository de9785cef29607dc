/** The lock protocol and nothing else; see sqlite-safe-lock(7). */
@NullMarked
package io.sqlitesafe.internal.lock;

import org.jspecify.annotations.NullMarked;
