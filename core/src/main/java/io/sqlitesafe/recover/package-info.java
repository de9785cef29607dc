/** Gets out of a damaged database what is in it. */
@NullMarked
package io.sqlitesafe.recover;

import org.jspecify.annotations.NullMarked;
