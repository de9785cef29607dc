/** Consistent copies of a database while others write. */
@NullMarked
package io.sqlitesafe.internal.copy;

import org.jspecify.annotations.NullMarked;
