/** What is written down about a backup, and how its bytes are packed. */
@NullMarked
package io.sqlitesafe.internal.manifest;

import org.jspecify.annotations.NullMarked;
