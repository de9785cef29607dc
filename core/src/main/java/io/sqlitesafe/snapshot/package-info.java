/** Copies that can be trusted: manifests, checks, compression, retention, metrics. */
@NullMarked
package io.sqlitesafe.snapshot;

import org.jspecify.annotations.NullMarked;
