/** What a recovery of a damaged database is asked for, and what it reports. */
@NullMarked
package io.sqlitesafe.recover;

import org.jspecify.annotations.NullMarked;
