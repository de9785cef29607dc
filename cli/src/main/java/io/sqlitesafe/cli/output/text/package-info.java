/** Values, bytes and JSON as text. */
@NullMarked
package io.sqlitesafe.cli.output.text;

import org.jspecify.annotations.NullMarked;
