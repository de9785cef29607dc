/** Mounted file systems, and which uses of a database each kind is fit for. */
@NullMarked
package io.sqlitesafe.mount;

import org.jspecify.annotations.NullMarked;
