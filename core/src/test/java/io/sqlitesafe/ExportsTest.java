package io.sqlitesafe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.util.JavacTask;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * No signature of what module-info.java exports names a type that it does not export: whoever uses
 * the library can name everything that it takes and gives. The compiler is asked, on the module
 * path, as the build does not fail on a warning.
 */
class ExportsTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("basedir", ""), "src/main/java").toAbsolutePath();

  @Test
  void theApiNamesNothingInternal() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      files = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    // Archives only: a directory would hold this very module.
    String libraries =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> options =
        List.of("--release", "17", "-proc:none", "-Xlint:exports", "--module-path", libraries);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(found, Locale.ROOT, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, found, options, null, manager.getJavaFileObjectsFromPaths(files));
      task.analyze();
    }
    List<String> leaks = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> each : found.getDiagnostics()) {
      if (each.getKind() == Diagnostic.Kind.ERROR) {
        errors.add(each.toString());
      } else if (each.getCode().startsWith("compiler.warn.leaks.not.accessible")) {
        leaks.add(each.toString());
      }
    }
    assertEquals(List.of(), errors);
    assertEquals(List.of(), leaks);
    assertTrue(files.size() > 300, files.size() + " files");
  }
}
