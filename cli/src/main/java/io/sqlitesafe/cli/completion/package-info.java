/** Completion scripts for bash, zsh and fish, written from the command model. */
@NullMarked
package io.sqlitesafe.cli.completion;

import org.jspecify.annotations.NullMarked;
