/** Finding what is wrong with a database file and the backups of it. */
@NullMarked
package io.sqlitesafe.internal.check;

import org.jspecify.annotations.NullMarked;
