/** What SQLite's file format says of pages and logs (sqlite.org/fileformat2.html), and no more. */
@NullMarked
package io.sqlitesafe.internal.pages;

import org.jspecify.annotations.NullMarked;
