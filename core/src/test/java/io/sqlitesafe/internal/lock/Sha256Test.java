package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against Java's own, at every length around the ends of a block. */
class Sha256Test {
  @Test
  void agreesWithJavasOwn() throws NoSuchAlgorithmException {
    MessageDigest reference = MessageDigest.getInstance("SHA-256");
    Random random = new Random(1);
    for (int length = 0; length < 300; length++) {
      byte[] text = new byte[length];
      random.nextBytes(text);
      int bytes = length;
      assertArrayEquals(reference.digest(text), Sha256.digest(text), () -> bytes + " bytes");
    }
  }
}
