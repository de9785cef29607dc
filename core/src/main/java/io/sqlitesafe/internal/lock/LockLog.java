package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Appends one JSON line for each exclusive lock that was taken, once it is released: who had it,
 * for how long, and how long that one waited. People look for a culprit days later.
 *
 * <p>The file is opened anew for each line, so that it may be renamed away at any time. Where it
 * cannot be written, that is a warning: the lock is released already. Thread-safe.
 */
public final class LockLog implements ForwardingLockListener {
  private final Path file;
  private final LockListener next;
  private final List<String> broken = new ArrayList<>();

  /**
   * Touches nothing yet.
   *
   * @param file see {@link io.sqlitesafe.internal.fs.OutputRule#appendable}
   * @param next hears all of it, too
   */
  public LockLog(Path file, LockListener next) {
    this.file = file;
    this.next = next;
  }

  @Override
  public LockListener next() {
    return next;
  }

  @Override
  public synchronized void broken(Holder holder, Evidence evidence) {
    broken.add(holder.describe() + ": " + evidence.text());
    next.broken(holder, evidence);
  }

  @Override
  public synchronized void released(ExclusiveLock lock) {
    try {
      if (lock instanceof DatabaseLock own) { // a share in a parent's is the parent's to log
        append(line(own));
      }
    } catch (IOException | RuntimeException e) {
      String why =
          e instanceof IOException io ? IoErrors.reason(io) : String.valueOf(e.getMessage());
      next.warning("cannot write to the lock log " + file + ": " + why);
    }
    broken.clear();
    next.released(lock);
  }

  private void append(byte[] line) throws IOException {
    if (FileKind.isStrange(file)) {
      throw new IOException("it is not a regular file");
    }
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND,
            LinkOption.NOFOLLOW_LINKS)) {
      // One call: lines of several processes do not mix.
      channel.write(ByteBuffer.wrap(line));
    }
  }

  private byte[] line(DatabaseLock lock) {
    OwnerRecord owner = lock.record();
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator g = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
      g.writeStartObject();
      g.writeStringProperty("type", "lock");
      g.writeStringProperty("time", lock.timestamp());
      g.writeStringProperty("database", lock.database().toString());
      g.writeStringProperty("token", lock.token().hex());
      g.writeStringProperty("access", lock.access().id());
      g.writeNumberProperty("pid", owner.process().pid());
      g.writeStringProperty("hostname", owner.process().hostname());
      g.writeStringProperty("command", String.valueOf(owner.command()));
      g.writeNumberProperty("waitedMs", lock.waited().toMillis());
      g.writeNumberProperty("heldMs", lock.held().toMillis());
      g.writeNumberProperty("keptMs", lock.idle().toMillis());
      g.writeBooleanProperty("lost", lock.isLost());
      g.writeName("broken");
      g.writeStartArray();
      broken.forEach(g::writeString);
      g.writeEndArray();
      g.writeEndObject();
    }
    out.write('\n');
    return out.toByteArray();
  }
}
