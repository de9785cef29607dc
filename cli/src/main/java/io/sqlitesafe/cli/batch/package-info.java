/** Many requests to one process: JSON Lines in, JSON Lines out. */
@NullMarked
package io.sqlitesafe.cli.batch;

import org.jspecify.annotations.NullMarked;
