/**
 * What the lock of a database says of itself: who holds it, how one is asked for, how to hear of
 * it.
 */
@NullMarked
package io.sqlitesafe.lock;

import org.jspecify.annotations.NullMarked;
