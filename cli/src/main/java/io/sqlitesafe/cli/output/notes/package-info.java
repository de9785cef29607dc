/** What is said beside the result: notes, progress, errors. */
@NullMarked
package io.sqlitesafe.cli.output.notes;

import org.jspecify.annotations.NullMarked;
