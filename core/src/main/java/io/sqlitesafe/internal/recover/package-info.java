/** Gets out of a damaged database what is in it, by reading its pages without SQLite. */
@NullMarked
package io.sqlitesafe.internal.recover;

import org.jspecify.annotations.NullMarked;
