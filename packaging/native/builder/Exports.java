import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Exports TARGETS JAR...: prints an --add-exports for each package that the builder of native executables may look into: of the system's modules that it compiles into
 * executables, and of its own. A JVM takes at most 1000 of them, so modules that this project does not use are left out.
 */
final class Exports {
  private static final Set<String> SYSTEM =
      Set.of(
          "java.base", "java.logging", "java.management", "java.instrument", "java.net.http", "java.security.jgss", "java.security.sasl", "java.smartcardio", "java.xml.crypto",
          "jdk.internal.vm.ci", "jdk.internal.vm.compiler.management", "jdk.jfr", "jdk.management", "jdk.management.agent", "jdk.management.jfr", "jdk.net", "jdk.nio.mapmode",
          "jdk.sctp", "jdk.unsupported", "jdk.zipfs", "jdk.httpserver", "jdk.incubator.vector", "jdk.incubator.foreign");

  public static void main(String[] arguments) {
    Path[] jars = Arrays.stream(arguments).skip(1).map(Path::of).toArray(Path[]::new);
    Stream<ModuleDescriptor> system =
        ModuleFinder.ofSystem().findAll().stream().map(module -> module.descriptor()).filter(module -> SYSTEM.contains(module.name()));
    Stream<ModuleDescriptor> builder = ModuleFinder.of(jars).findAll().stream().map(module -> module.descriptor());
    TreeSet<String> lines = new TreeSet<>();
    Stream.concat(system, builder)
        .forEach(module -> module.packages().forEach(name -> lines.add("--add-exports=" + module.name() + "/" + name + "=" + arguments[0])));
    if (lines.size() > 990) {
      System.err.println("Exports: " + lines.size() + " packages are more than a JVM can export");
      System.exit(1);
    }
    lines.forEach(System.out::println);
  }

  private Exports() {}
}
