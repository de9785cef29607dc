/** Advice on a database and how it is set up: what works today and will not, or not well. */
@NullMarked
package io.sqlitesafe.doctor;

import org.jspecify.annotations.NullMarked;
