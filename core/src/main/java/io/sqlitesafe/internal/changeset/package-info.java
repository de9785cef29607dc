/** How changesets are sorted, compared with a schema, and applied. Knows nothing of locks. */
@NullMarked
package io.sqlitesafe.internal.changeset;

import org.jspecify.annotations.NullMarked;
