/** What is written down about a backup, and how its bytes are packed. */
@NullMarked
package io.sqlitesafe.snapshot.manifest;

import org.jspecify.annotations.NullMarked;
