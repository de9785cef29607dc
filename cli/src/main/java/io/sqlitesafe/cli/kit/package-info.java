/**
 * What every command has: its streams, its signals, the options that all have; knows no other room.
 */
@NullMarked
package io.sqlitesafe.cli.kit;

import org.jspecify.annotations.NullMarked;
