package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.Written;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.lock.Holder;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds JSON results, whose members scripts rely on: names may be added, never changed. */
public final class Results {
  private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

  /** A result of {@code command} on {@code database}; null where it has none. */
  public Results(String command, @Nullable Path database) {
    members.put("type", command);
    if (database != null) {
      members.put("database", database.toAbsolutePath().toString());
    }
  }

  public Results put(String name, @Nullable Object value) {
    members.put(name, value);
    return this;
  }

  /** The members on the use of the lock. */
  public Results lock(Written.LockUse use) {
    Map<String, @Nullable Object> lock = new LinkedHashMap<>();
    lock.put("waitedMs", use.waited().toMillis());
    lock.put("heldMs", use.held().toMillis());
    lock.put("token", use.token());
    return put("lock", lock);
  }

  /** What is known of an owner, with untrusted text made printable. */
  public static Map<String, @Nullable Object> holder(Holder holder) {
    Map<String, @Nullable Object> owner = new LinkedHashMap<>();
    owner.put("token", holder.token().hex());
    if (holder.heartbeatAge() != null) {
      owner.put("heartbeatAgeMs", holder.heartbeatAge().toMillis());
    }
    if (holder.record() != null) {
      owner.put("ownerId", Holder.printable(holder.record().ownerId()));
      owner.put("protocol", Holder.printable(holder.record().protocol()));
      owner.put("pid", holder.record().process().pid());
      owner.put("hostname", Holder.printable(holder.record().process().hostname()));
      owner.put("since", Holder.printable(holder.record().createdAt()));
      owner.put("heartbeatIntervalMs", holder.record().heartbeatInterval().toMillis());
      owner.put("staleAfterMs", holder.record().staleAfter().toMillis());
      if (holder.record().worker() != null) {
        owner.put("worker", holder.record().worker().pid());
      }
      if (holder.record().command() != null) {
        owner.put("command", Holder.printable(holder.record().command()));
      }
    }
    return owner;
  }

  /** The object, ended by the time it took. */
  public String toJson(Invocation invocation) {
    put("elapsedMs", invocation.elapsedMillis());
    return JsonOutput.toJson(members);
  }

  /**
   * Prints the object as one line, with JSON Lines that were spooled as its member {@code rows}.
   */
  public void printWithRows(Invocation invocation, SpooledOutput jsonLines) throws IOException {
    String object = toJson(invocation);
    OutputStream out = new BufferedOutputStream(invocation.console().out());
    out.write(object.substring(0, object.length() - 1).getBytes(StandardCharsets.UTF_8));
    out.write(",\"rows\":[".getBytes(StandardCharsets.UTF_8));
    jsonLines.transferTo(new CommaSeparated(out));
    out.write("]}\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Turns the newlines between JSON values into commas; a value itself holds none. */
  private static final class CommaSeparated extends FilterOutputStream {
    private boolean pending;

    CommaSeparated(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      if (b == '\n') {
        pending = true;
        return;
      }
      if (pending) {
        out.write(',');
        pending = false;
      }
      out.write(b);
    }
  }

  /** Prints the object as one line on standard output. */
  public void print(Invocation invocation) {
    invocation.console().print(toJson(invocation) + "\n");
  }
}
