package io.sqlitesafe.internal.manifest;

import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The text form of {@link Manifest}: which member is where, and what is accepted. */
public final class ManifestJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String FAMILY = "sqlite-safe.manifest.v";

  private ManifestJson() {}

  /** Text that is no manifest; the message is a clause that says why. */
  public static final class Malformed extends Exception {
    private final boolean foreign;

    public Malformed(String reason, boolean foreign) {
      super(reason);
      this.foreign = foreign;
    }

    /** It is well-formed JSON, but does not claim to be a manifest. */
    public boolean isForeign() {
      return foreign;
    }
  }

  public static byte[] write(Manifest m) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator g = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      g.writeStartObject();
      g.writeStringProperty("format", FAMILY + Manifest.FORMAT);
      g.writeStringProperty("createdAt", m.createdAt().truncatedTo(ChronoUnit.MILLIS).toString());
      g.writeStringProperty("software", m.software());
      writeIdentity(g, m.identity());
      g.writeStringProperty("method", m.method());
      writeFile(g, m.file());
      writeDatabase(g, m.database());
      g.writeStringProperty("checkLevel", m.check().level().id());
      g.writeStringProperty("checkResult", result(m.check()));
      g.writeNumberProperty("checkWarnings", m.check().warnings());
      if (m.check().level() != CheckLevel.NONE) {
        g.writeBooleanProperty("checkComplete", m.check().complete());
      }
      ForeignKeyMode keys = m.check().foreignKeys();
      writeOptional(g, "foreignKeys", keys == null ? null : keys.id());
      g.writeNumberProperty("longestStallMs", m.longestStallMs());
      g.writeEndObject();
    }
    out.write('\n');
    return out.toByteArray();
  }

  private static void writeIdentity(JsonGenerator g, Identity identity) {
    g.writeStringProperty("source", identity.source());
    writeOptional(g, "id", identity.id());
    writeOptional(g, "machine", identity.machine());
    writeOptional(g, "host", identity.host());
  }

  private static void writeFile(JsonGenerator g, Manifest.Stored file) {
    g.writeStringProperty("file", file.name());
    g.writeNumberProperty("bytes", file.bytes());
    g.writeStringProperty("sha256", file.sha256());
    g.writeStringProperty("compression", file.compression().id());
  }

  private static void writeDatabase(JsonGenerator g, Manifest.Content database) {
    g.writeNumberProperty("databaseBytes", database.bytes());
    writeOptional(g, "databaseSha256", database.sha256());
    g.writeNumberProperty("pageSize", database.pageSize());
    g.writeNumberProperty("pageCount", database.pageCount());
    g.writeStringProperty("sqliteVersion", database.sqliteVersion());
    g.writeNumberProperty("schemaVersion", database.schemaVersion());
    g.writeNumberProperty("userVersion", database.userVersion());
    g.writeNumberProperty("applicationId", database.applicationId());
    if (database.empty() != null) {
      g.writeBooleanProperty("empty", database.empty());
    }
    writeOptional(g, "sourceState", database.sourceState());
  }

  private static void writeOptional(JsonGenerator g, String name, @Nullable String value) {
    if (value != null) {
      g.writeStringProperty(name, value);
    }
  }

  private static String result(Manifest.Check check) {
    return check.level() == CheckLevel.NONE ? "none" : check.ok() ? "ok" : "damaged";
  }

  public static Manifest read(byte[] json) throws Malformed {
    Map<String, Object> members = members(new String(json, StandardCharsets.UTF_8));
    if (!(members.get("format") instanceof String format) || !format.startsWith(FAMILY)) {
      throw new Malformed("it has no member format that says so", true);
    }
    for (int version = 1; version <= Manifest.FORMAT; version++) {
      if (format.equals(FAMILY + version)) {
        return new Fields(members).manifest(version);
      }
    }
    throw new Malformed("its format is one of another version", false);
  }

  /** The strings, integers and booleans of the object; whatever else it has is skipped. */
  private static Map<String, Object> members(String text) throws Malformed {
    Map<String, Object> members = new HashMap<>();
    try (JsonParser p = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("it is not a JSON object", false);
      }
      while (p.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = p.currentName();
        JsonToken token = p.nextToken();
        if (token == JsonToken.VALUE_STRING) {
          members.put(name, p.getString());
        } else if (token == JsonToken.VALUE_NUMBER_INT
            && p.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
          members.put(name, p.getLongValue());
        } else if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
          members.put(name, token == JsonToken.VALUE_TRUE);
        } else {
          members.remove(name);
          p.skipChildren();
        }
      }
      if (p.nextToken() != null) {
        throw new Malformed("something follows its JSON object", false);
      }
      return members;
    } catch (JacksonException e) {
      throw new Malformed("it is not JSON", false);
    }
  }

  /** Members of the right type and range, or {@link Malformed}. */
  private record Fields(Map<String, Object> members) {
    Manifest manifest(int format) throws Malformed {
      return new Manifest(
          format,
          instant("createdAt"),
          text("software"),
          new Identity(optional("id"), optional("machine"), optional("host"), text("source")),
          text("method"),
          new Manifest.Stored(
              text("file"), number("bytes"), digest("sha256"), compression("compression")),
          database(),
          check(),
          number("longestStallMs"));
    }

    private Manifest.Content database() throws Malformed {
      long pageSize = number("pageSize");
      if (pageSize > 65_536) {
        throw wrong("pageSize");
      }
      return new Manifest.Content(
          number("databaseBytes"),
          members.containsKey("databaseSha256") ? digest("databaseSha256") : null,
          (int) pageSize,
          number("pageCount"),
          text("sqliteVersion"),
          integer("schemaVersion"),
          integer("userVersion"),
          integer("applicationId"),
          members.get("empty") instanceof Boolean empty ? empty : null,
          optional("sourceState"));
    }

    private @Nullable String optional(String name) {
      return members.get(name) instanceof String text ? text : null;
    }

    private Manifest.Check check() throws Malformed {
      CheckLevel level = null;
      for (CheckLevel each : CheckLevel.values()) {
        level = each.id().equals(members.get("checkLevel")) ? each : level;
      }
      if (level == null) {
        throw wrong("checkLevel");
      }
      long warnings = number("checkWarnings");
      boolean ok = text("checkResult").equals("ok");
      return new Manifest.Check(
          level,
          ok,
          (int) Math.min(warnings, Integer.MAX_VALUE),
          !Boolean.FALSE.equals(members.get("checkComplete")),
          ForeignKeyMode.known(members.get("foreignKeys")));
    }

    private Compression compression(String name) throws Malformed {
      for (Compression each : Compression.values()) {
        if (each.id().equals(members.get(name))) {
          return each;
        }
      }
      throw wrong(name);
    }

    private Instant instant(String name) throws Malformed {
      try {
        return Instant.parse(text(name));
      } catch (DateTimeException e) {
        throw wrong(name);
      }
    }

    private String digest(String name) throws Malformed {
      String text = text(name);
      if (!text.matches("[0-9a-f]{64}")) {
        throw wrong(name);
      }
      return text;
    }

    private String text(String name) throws Malformed {
      if (members.get(name) instanceof String text) {
        return text;
      }
      throw wrong(name);
    }

    private long integer(String name) throws Malformed {
      if (members.get(name) instanceof Long number) {
        return number;
      }
      throw wrong(name);
    }

    /** Not negative. */
    private long number(String name) throws Malformed {
      long number = integer(name);
      if (number < 0) {
        throw wrong(name);
      }
      return number;
    }

    private static Malformed wrong(String name) {
      return new Malformed("its member " + name + " is missing or wrong", false);
    }
  }
}
