package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
import java.lang.module.ModuleDescriptor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * What this build can do.
 *
 * @param version of sqlite-safe
 * @param sqliteVersion of the SQLite library in use
 * @param compileOptions that library was built with
 * @param runtime the JVM, or {@code native}
 * @param platform operating system and architecture
 * @param protocol the lock protocol spoken
 * @param accessModes modes of access served
 * @param provesDeadOwners whether this platform can tell that an owner's process is gone
 */
public record Capabilities(
    String version,
    String sqliteVersion,
    List<String> compileOptions,
    String runtime,
    String platform,
    String protocol,
    List<String> accessModes,
    boolean provesDeadOwners) {
  static Capabilities ofThisBuild() {
    List<String> options = new ArrayList<>();
    String version = "";
    try (JDBC4Connection memory =
            new JDBC4Connection("jdbc:sqlite::memory:", ":memory:", new Properties());
        Statement statement = memory.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT sqlite_version()")) {
        version = rows.next() ? rows.getString(1) : "";
      }
      try (ResultSet rows = statement.executeQuery("PRAGMA compile_options")) {
        while (rows.next()) {
          options.add(rows.getString(1));
        }
      }
    } catch (SQLException e) {
      throw new SqliteSafeException(
          ErrorKind.INTERNAL, "cannot start SQLite: " + e.getMessage(), "please report this", e);
    }
    ProcessIdentity self = ProcessTable.ofThisHost().self();
    return new Capabilities(
        ownVersion(),
        version,
        options,
        ownRuntime(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        OwnerRecord.PROTOCOL,
        List.of(AccessMode.TRUSTED.id(), AccessMode.NETWORK_EXCLUSIVE.id()),
        self.bootId() != null && self.pidNamespace() != null && self.startTime() != null);
  }

  /** The version of the module, or in the jar's manifest; a build tree has none. */
  public static String ownVersion() {
    ModuleDescriptor module = Capabilities.class.getModule().getDescriptor();
    String version =
        module == null
            ? Capabilities.class.getPackage().getImplementationVersion()
            : module.rawVersion().orElse(null);
    return version == null ? "development" : version;
  }

  /** The running JVM, or {@code native}. */
  public static String ownRuntime() {
    return System.getProperty("org.graalvm.nativeimage.imagecode") != null
        ? "native"
        : System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }
}
