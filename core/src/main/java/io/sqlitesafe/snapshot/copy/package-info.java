/** Consistent copies of a database while others write. */
@NullMarked
package io.sqlitesafe.snapshot.copy;

import org.jspecify.annotations.NullMarked;
