/** Of this process: words for its shell, threads that wait undisturbed. */
@NullMarked
package io.sqlitesafe.internal.host;

import org.jspecify.annotations.NullMarked;
