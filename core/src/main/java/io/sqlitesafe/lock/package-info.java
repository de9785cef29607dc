/**
 * What the lock of a database says of itself: who holds it, how it was taken, how to hear of it.
 */
@NullMarked
package io.sqlitesafe.lock;

import org.jspecify.annotations.NullMarked;
