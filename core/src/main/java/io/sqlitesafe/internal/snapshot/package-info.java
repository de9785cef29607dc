/** How a backup is made, placed and restored: what stands behind the front door. */
@NullMarked
package io.sqlitesafe.internal.snapshot;

import org.jspecify.annotations.NullMarked;
