/** The one error model. */
@NullMarked
package io.sqlitesafe.error;

import org.jspecify.annotations.NullMarked;
