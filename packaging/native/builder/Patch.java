import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.internal.org.objectweb.asm.ClassReader;
import jdk.internal.org.objectweb.asm.ClassVisitor;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/**
 * Patch SVM_JAR SVM_PATCH JVMCI_PATCH: writes the classes in which svm 23.0.6, made for OpenJDK 17.0.13, and a later OpenJDK 17 do not fit. They are given to the
 * builder by --patch-module. Each change must be found exactly as often as it was in 17.0.19, else this fails: a half patched builder would fail later and
 * stranger. To be run with java.base's ASM exported.
 */
final class Patch {
  private static final int API = Opcodes.ASM8;

  public static void main(String[] arguments) throws IOException {
    Path svmPatch = Path.of(arguments[1]);
    Path jvmciPatch = Path.of(arguments[2]);
    services(Path.of(arguments[0]), svmPatch);
    stackLock(jvmciPatch);
  }

  /** SecurityServicesFeature looks fields of the JDK up by name; two of these have another name and type now. */
  private static void services(Path jar, Path patch) throws IOException {
    Map<String, String> renamed =
        Map.of(
            "constructorParameterClassName", "constructorParameterClass",
            // The field is inherited now, and is looked up in the class that declares it.
            "javax.crypto.JceSecurity$IdentityWrapper", "java.lang.ref.Reference",
            "obj", "referent");
    AtomicInteger changes = new AtomicInteger();
    String name = "com/oracle/svm/hosted/SecurityServicesFeature.class";
    byte[] old;
    try (FileSystem contents = FileSystems.newFileSystem(jar)) {
      old = Files.readAllBytes(contents.getPath(name));
    }
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(old)
        .accept(
            new ClassVisitor(API, writer) {
              @Override
              public MethodVisitor visitMethod(int access, String method, String type, String signature, String[] thrown) {
                MethodVisitor next = super.visitMethod(access, method, type, signature, thrown);
                if (method.startsWith("lambda$getConstructorParameterClassAccessor$")) {
                  changes.incrementAndGet();
                  readClass(next);
                  return null;
                }
                return new MethodVisitor(API, next) {
                  @Override
                  public void visitLdcInsn(Object constant) {
                    String other = constant instanceof String text ? renamed.get(text) : null;
                    if (other != null) {
                      changes.incrementAndGet();
                    }
                    super.visitLdcInsn(other == null ? constant : other);
                  }
                };
              }
            },
            0);
    expect(4, changes.get(), name);
    write(patch.resolve(name), writer.toByteArray());
  }

  /** (engines, field, loader, name) -> engines.get(name) == null ? null : (Class) field.get(engines.get(name)); it was a class name before. */
  private static void readClass(MethodVisitor code) {
    var known = new jdk.internal.org.objectweb.asm.Label();
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitVarInsn(Opcodes.ALOAD, 3);
    code.visitMethodInsn(Opcodes.INVOKEINTERFACE, "java/util/Map", "get", "(Ljava/lang/Object;)Ljava/lang/Object;", true);
    code.visitVarInsn(Opcodes.ASTORE, 4);
    code.visitVarInsn(Opcodes.ALOAD, 4);
    code.visitJumpInsn(Opcodes.IFNONNULL, known);
    code.visitInsn(Opcodes.ACONST_NULL);
    code.visitInsn(Opcodes.ARETURN);
    code.visitLabel(known);
    code.visitFrame(Opcodes.F_APPEND, 1, new Object[] {"java/lang/Object"}, 0, null);
    code.visitVarInsn(Opcodes.ALOAD, 1);
    code.visitVarInsn(Opcodes.ALOAD, 4);
    code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, "java/lang/reflect/Field", "get", "(Ljava/lang/Object;)Ljava/lang/Object;", false);
    code.visitTypeInsn(Opcodes.CHECKCAST, "java/lang/Class");
    code.visitInsn(Opcodes.ARETURN);
    code.visitMaxs(2, 5);
    code.visitEnd();
  }

  /** StackLockValue.getSlot() has another return type, as svm's compiled calls name it. */
  private static void stackLock(Path patch) throws IOException {
    AtomicInteger changes = new AtomicInteger();
    String name = "jdk/vm/ci/code/StackLockValue.class";
    ClassWriter writer = new ClassWriter(0);
    FileSystem image = FileSystems.getFileSystem(URI.create("jrt:/"));
    try (InputStream in = Files.newInputStream(image.getPath("/modules/jdk.internal.vm.ci/" + name))) {
      new ClassReader(in)
          .accept(
              new ClassVisitor(API, writer) {
                @Override
                public MethodVisitor visitMethod(int access, String method, String type, String signature, String[] thrown) {
                  boolean slot = method.equals("getSlot") && type.equals("()Ljdk/vm/ci/meta/Value;");
                  if (slot) {
                    changes.incrementAndGet();
                  }
                  return super.visitMethod(access, method, slot ? "()Ljdk/vm/ci/meta/AllocatableValue;" : type, signature, thrown);
                }
              },
              0);
    }
    expect(1, changes.get(), name);
    write(patch.resolve(name), writer.toByteArray());
  }

  private static void expect(int wanted, int found, String where) {
    if (wanted != found) {
      System.err.println("Patch: " + where + " has changed (" + found + " places instead of " + wanted + "): not the versions this was made for");
      System.exit(1);
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private Patch() {}
}
