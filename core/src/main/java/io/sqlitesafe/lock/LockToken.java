package io.sqlitesafe.lock;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Identity of one attempt to hold a lock: random, never reused (protocol section 2). The first
 * digits of an owner's are those of its machine and boot ({@link ProcessIdentity#bootPrefix}).
 * Because every claim carries its own token, removing a claim can never hit a later owner.
 *
 * @param hex 32 lower-case hexadecimal digits
 */
public record LockToken(String hex) {
  public static final int DIGITS = 32;

  public LockToken {
    if (!isToken(hex)) {
      throw new IllegalArgumentException("not a lock token: " + hex);
    }
  }

  /** True where {@code text} has the form of a token. */
  public static boolean isToken(String text) {
    if (text.length() != DIGITS) {
      return false;
    }
    for (int i = 0; i < DIGITS; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  /** A new one for an attempt of this process. */
  public static LockToken of(ProcessIdentity self) {
    LockToken random = random();
    String mark = self.bootPrefix();
    return mark == null ? random : new LockToken(mark + random.hex.substring(mark.length()));
  }

  /** A new token from the operating system's generator. */
  public static LockToken random() {
    byte[] bits = new byte[DIGITS / 2];
    // Loading Java's security providers would cost a short-lived process more than its whole
    // transaction.
    try (InputStream in = Files.newInputStream(Path.of("/dev/urandom"))) {
      if (in.readNBytes(bits, 0, bits.length) == bits.length) {
        return new LockToken(HexFormat.of().formatHex(bits));
      }
    } catch (IOException noSuchDevice) {
      // Windows: fall through.
    }
    new SecureRandom().nextBytes(bits);
    return new LockToken(HexFormat.of().formatHex(bits));
  }

  /**
   * By hand, as that of {@link #hashCode}: what the compiler makes for a record is linked anew in
   * each process.
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LockToken token && token.hex.equals(hex);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  @Override
  public String toString() {
    return hex;
  }
}
