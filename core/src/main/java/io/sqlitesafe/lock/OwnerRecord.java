package io.sqlitesafe.lock;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What {@code owner.json} says of a holder (protocol section 3). Descriptive only: it may be
 * missing, old, or written by anybody, so it never decides who owns the lock, and every text in it
 * is untrusted.
 *
 * @param protocol {@link #PROTOCOL}, or the name of a protocol we do not speak
 * @param ownerId {@code <hostname>:<pid>:<token>}
 * @param target file name of the database
 * @param createdAt RFC 3339 text, for people; never used in a judgement
 * @param updatedAt likewise
 * @param access {@code trusted} or {@code network-exclusive}
 * @param heartbeatInterval how often the holder promises to beat
 * @param staleAfter how long the holder wants to be waited for
 * @param software what wrote the record
 * @param command what the holder is doing
 * @param process the holder's process
 * @param worker the process that works under the lock while the holder only keeps it; null where
 *     the holder does the work itself
 * @param keeps the holder keeps the lock between its transactions (section 16)
 */
public record OwnerRecord(
    String protocol,
    String ownerId,
    String target,
    String createdAt,
    String updatedAt,
    String access,
    Duration heartbeatInterval,
    Duration staleAfter,
    @Nullable String software,
    @Nullable String command,
    ProcessIdentity process,
    @Nullable Worker worker,
    boolean keeps) {
  /**
   * A second process that has to end before the lock may be broken. Boot and name spaces are the
   * holder's.
   *
   * @param pid process id; 0 where the record names a worker in a way that cannot be understood, of
   *     which nothing is known then
   * @param startTime as in {@link ProcessIdentity}
   */
  public record Worker(long pid, @Nullable String startTime) {}

  public static final String PROTOCOL = "sqlite-session-safe.lock.v1";

  /** A longer file counts as missing: whatever it is, it is not a record of ours. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final JsonFactory JSON = new JsonFactory();

  /**
   * The record of a new owner, or reader, in this process.
   *
   * @param target file name of the database
   * @param now RFC 3339 text
   */
  public static OwnerRecord of(
      ProcessIdentity self,
      LockToken token,
      String target,
      AccessMode access,
      LockRequest request,
      String now) {
    return new OwnerRecord(
        PROTOCOL,
        self.hostname() + ":" + self.pid() + ":" + token,
        target,
        now,
        now,
        access.id(),
        request.times().heartbeatInterval(),
        request.times().staleAfter(),
        "sqlite-safe",
        request.command(),
        self,
        null,
        false);
  }

  /** The token at the end of {@link #ownerId}, or null where it ends in something else. */
  public @Nullable LockToken token() {
    String last = ownerId.substring(ownerId.lastIndexOf(':') + 1);
    return LockToken.isToken(last) ? new LockToken(last) : null;
  }

  /** True where this record speaks about the holder of {@code token}. */
  public boolean speaksFor(LockToken token) {
    return token.equals(token());
  }

  /** True where the record follows the protocol that this package implements. */
  public boolean isOurProtocol() {
    return protocol.equals(PROTOCOL);
  }

  /** The same, written at another time. */
  public OwnerRecord updatedAt(String time) {
    return with(time, worker, keeps);
  }

  /** The same, with another {@link #worker}. */
  public OwnerRecord withWorker(Worker value) {
    return with(updatedAt, value, keeps);
  }

  /** The same, with another {@link #keeps}. */
  public OwnerRecord withKeeps(boolean value) {
    return with(updatedAt, worker, value);
  }

  private OwnerRecord with(String time, @Nullable Worker value, boolean kept) {
    return new OwnerRecord(
        protocol,
        ownerId,
        target,
        createdAt,
        time,
        access,
        heartbeatInterval,
        staleAfter,
        software,
        command,
        process,
        value,
        kept);
  }

  /** As the text of {@code owner.json}. */
  public byte[] toJson() {
    return toJson("write");
  }

  /**
   * As a reader's marker. Of one length whatever {@link #updatedAt} is, so that it can be rewritten
   * in place.
   */
  public byte[] toMarker() {
    return toJson("read");
  }

  /** As the sign of one that waits, likewise. */
  public byte[] toWaiter() {
    return toJson("wait");
  }

  private byte[] toJson(String mode) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator g = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      g.writeStartObject();
      g.writeStringProperty("protocol", protocol);
      g.writeStringProperty("ownerId", ownerId);
      g.writeStringProperty("target", target);
      g.writeStringProperty("mode", mode);
      g.writeStringProperty("createdAt", createdAt);
      g.writeStringProperty("updatedAt", updatedAt);
      g.writeStringProperty("access", access);
      g.writeNumberProperty("heartbeatIntervalMs", heartbeatInterval.toMillis());
      g.writeNumberProperty("staleAfterMs", staleAfter.toMillis());
      writeOptional(g, "software", software);
      writeOptional(g, "command", command);
      if (keeps) {
        g.writeBooleanProperty("keeps", true);
      }
      g.writeName("process");
      g.writeStartObject();
      g.writeNumberProperty("pid", process.pid());
      g.writeStringProperty("hostname", process.hostname());
      writeOptional(g, "startTime", process.startTime());
      writeOptional(g, "bootId", process.bootId());
      writeOptional(g, "pidNamespace", process.pidNamespace());
      writeOptional(g, "timeNamespace", process.timeNamespace());
      writeOptional(g, "machineId", process.machineId());
      g.writeEndObject();
      if (worker != null) {
        g.writeName("worker");
        g.writeStartObject();
        g.writeNumberProperty("pid", worker.pid());
        writeOptional(g, "startTime", worker.startTime());
        g.writeEndObject();
      }
      g.writeEndObject();
    }
    out.write('\n');
    return out.toByteArray();
  }

  private static void writeOptional(JsonGenerator g, String name, @Nullable String value) {
    if (value != null) {
      g.writeStringProperty(name, value);
    }
  }

  /**
   * Reads a record leniently: unknown members are skipped, a member out of range or of the wrong
   * type counts as absent, and text that is no record at all (or lacks ownerId) gives null.
   */
  public static @Nullable OwnerRecord parse(byte[] json) {
    if (json.length > MAX_BYTES) {
      return null;
    }
    try (JsonParser p =
        JSON.createParser(ObjectReadContext.empty(), new String(json, StandardCharsets.UTF_8))) {
      return p.nextToken() == JsonToken.START_OBJECT ? new Fields().read(p) : null;
    } catch (JacksonException malformed) {
      return null;
    }
  }

  /** The members seen so far. */
  private static final class Fields {
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    private static final Duration DEFAULT_STALE = Duration.ofSeconds(120);

    private @Nullable String protocol;
    private @Nullable String ownerId;
    private @Nullable String target;
    private @Nullable String createdAt;
    private @Nullable String updatedAt;
    private @Nullable String access;
    private @Nullable String software;
    private @Nullable String command;
    private Duration interval = DEFAULT_INTERVAL;
    private Duration stale = DEFAULT_STALE;
    private long pid;
    private @Nullable String hostname;
    private @Nullable String startTime;
    private @Nullable String bootId;
    private @Nullable String pidNamespace;
    private @Nullable String timeNamespace;
    private @Nullable String machineId;
    private @Nullable Worker worker;
    private boolean keeps;

    @Nullable OwnerRecord read(JsonParser p) {
      while (p.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = p.currentName();
        p.nextToken();
        if (name.equals("process") && p.currentToken() == JsonToken.START_OBJECT) {
          readProcess(p);
        } else if (name.equals("worker")) {
          worker = readWorker(p);
        } else {
          member(name, p);
          p.skipChildren();
        }
      }
      if (ownerId == null) {
        return null;
      }
      return new OwnerRecord(
          orEmpty(protocol),
          ownerId,
          orEmpty(target),
          orEmpty(createdAt),
          orEmpty(updatedAt),
          access == null ? "trusted" : access,
          interval,
          stale,
          software,
          command,
          new ProcessIdentity(
              pid, orEmpty(hostname), startTime, bootId, pidNamespace, timeNamespace, machineId),
          worker,
          keeps);
    }

    private static String orEmpty(@Nullable String text) {
      return text == null ? "" : text;
    }

    private void member(String name, JsonParser p) {
      switch (name) {
        case "protocol" -> protocol = text(p);
        case "ownerId" -> ownerId = text(p);
        case "target" -> target = text(p);
        case "createdAt" -> createdAt = text(p);
        case "updatedAt" -> updatedAt = text(p);
        case "access" -> access = text(p);
        case "software" -> software = text(p);
        case "command" -> command = text(p);
        case "keeps" -> keeps = p.currentToken() == JsonToken.VALUE_TRUE;
        case "heartbeatIntervalMs" ->
            interval = Duration.ofMillis(number(p, 1_000, 600_000, DEFAULT_INTERVAL.toMillis()));
        case "staleAfterMs" ->
            stale = Duration.ofMillis(number(p, 10_000, 3_600_000, DEFAULT_STALE.toMillis()));
        default -> {}
      }
    }

    private void readProcess(JsonParser p) {
      while (p.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = p.currentName();
        p.nextToken();
        switch (name) {
          case "pid" -> pid = number(p, 1, Long.MAX_VALUE, 0);
          case "hostname" -> hostname = text(p);
          case "startTime" -> startTime = text(p);
          case "bootId" -> bootId = text(p);
          case "pidNamespace" -> pidNamespace = text(p);
          case "timeNamespace" -> timeNamespace = text(p);
          case "machineId" -> machineId = text(p);
          default -> {}
        }
        p.skipChildren();
      }
    }

    /** Whoever wrote the member has a worker, even where it cannot be told which one. */
    private static @Nullable Worker readWorker(JsonParser p) {
      if (p.currentToken() == JsonToken.VALUE_NULL) {
        return null;
      }
      long pid = 0;
      String start = null;
      if (p.currentToken() == JsonToken.START_OBJECT) {
        while (p.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = p.currentName();
          p.nextToken();
          pid = name.equals("pid") ? number(p, 1, Long.MAX_VALUE, 0) : pid;
          start = name.equals("startTime") ? text(p) : start;
          p.skipChildren();
        }
      }
      p.skipChildren();
      return new Worker(pid, start);
    }

    private static @Nullable String text(JsonParser p) {
      return p.currentToken() == JsonToken.VALUE_STRING ? p.getString() : null;
    }

    private static long number(JsonParser p, long min, long max, long otherwise) {
      if (p.currentToken() != JsonToken.VALUE_NUMBER_INT
          || p.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        return otherwise;
      }
      long value = p.getLongValue();
      return value >= min && value <= max ? value : otherwise;
    }
  }
}
