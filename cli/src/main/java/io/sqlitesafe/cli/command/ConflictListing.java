package io.sqlitesafe.cli.command;

import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.changeset.ConflictHandler;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.cli.output.results.ChangeForms;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** For a dry run: lists every conflict, and goes on where the policy would abort. */
final class ConflictListing implements ConflictHandler {
  private final ConflictHandler policy;
  private final boolean json;
  private final SpooledOutput list;
  private long aborts;

  ConflictListing(ConflictHandler policy, boolean json, SpooledOutput list) {
    this.policy = policy;
    this.json = json;
    this.list = list;
  }

  /** How many conflicts would have undone everything. */
  long aborts() {
    return aborts;
  }

  @Override
  public Resolution resolve(Conflict conflict) {
    Resolution resolution = policy.resolve(conflict);
    String line =
        json ? ChangeForms.json(conflict, resolution) : ChangeForms.text(conflict, resolution);
    try {
      list.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (resolution == Resolution.ABORT) {
      aborts++;
      return Resolution.OMIT;
    }
    return resolution;
  }
}
