/** The front door: {@link io.sqlitesafe.SafeDatabase}. */
@NullMarked
package io.sqlitesafe;

import org.jspecify.annotations.NullMarked;
