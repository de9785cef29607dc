/** What the tests stand on: the built program, databases, other programs, and their contract. */
package io.sqlitesafe.it.kit;
