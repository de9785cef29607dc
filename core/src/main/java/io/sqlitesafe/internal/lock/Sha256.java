package io.sqlitesafe.internal.lock;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * SHA-256 (FIPS 180-4) of a short text. {@link java.security.MessageDigest} gives the same and is
 * what anything longer should use; but its first use loads Java's security providers, and that
 * costs a process that writes one row more than its transaction does (packaging/README.md).
 */
final class Sha256 {
  private static final int BLOCK = 64;
  private static final int ROUNDS = 64;
  private static final int[] K = new int[ROUNDS];
  private static final int[] START = new int[8];

  static {
    // The constants are defined as the first 32 fractional bits of roots of the first primes; a
    // double has 53 bits, and none of these roots has more than 5 before the point.
    int found = 0;
    for (int candidate = 2; found < ROUNDS; candidate++) {
      if (isPrime(candidate)) {
        if (found < START.length) {
          START[found] = fraction(Math.sqrt(candidate));
        }
        K[found] = fraction(Math.cbrt(candidate));
        found++;
      }
    }
  }

  private Sha256() {}

  private static boolean isPrime(int n) {
    for (int d = 2; d * d <= n; d++) {
      if (n % d == 0) {
        return false;
      }
    }
    return true;
  }

  private static int fraction(double root) {
    return (int) (long) ((root - Math.floor(root)) * 0x1p32);
  }

  static byte[] digest(byte[] text) {
    ByteBuffer padded =
        ByteBuffer.wrap(Arrays.copyOf(text, (text.length + 8) / BLOCK * BLOCK + BLOCK));
    padded.put(text.length, (byte) 0x80);
    padded.putLong(padded.capacity() - Long.BYTES, text.length * 8L);
    int[] state = START.clone();
    while (padded.hasRemaining()) {
      compress(state, schedule(padded));
    }
    ByteBuffer digest = ByteBuffer.allocate(state.length * Integer.BYTES);
    for (int word : state) {
      digest.putInt(word);
    }
    return digest.array();
  }

  private static int[] schedule(ByteBuffer block) {
    int[] w = new int[ROUNDS];
    for (int t = 0; t < 16; t++) {
      w[t] = block.getInt();
    }
    for (int t = 16; t < ROUNDS; t++) {
      int a = w[t - 15];
      int b = w[t - 2];
      int sigma0 = Integer.rotateRight(a, 7) ^ Integer.rotateRight(a, 18) ^ a >>> 3;
      int sigma1 = Integer.rotateRight(b, 17) ^ Integer.rotateRight(b, 19) ^ b >>> 10;
      w[t] = w[t - 16] + sigma0 + w[t - 7] + sigma1;
    }
    return w;
  }

  private static void compress(int[] state, int[] w) {
    int[] s = state.clone();
    for (int t = 0; t < ROUNDS; t++) {
      int a = s[0];
      int e = s[4];
      int sum1 =
          Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
      int choice = e & s[5] ^ ~e & s[6];
      int t1 = s[7] + sum1 + choice + K[t] + w[t];
      int sum0 =
          Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
      int majority = a & s[1] ^ a & s[2] ^ s[1] & s[2];
      System.arraycopy(s, 0, s, 1, 7);
      s[0] = t1 + sum0 + majority;
      s[4] += t1;
    }
    for (int i = 0; i < state.length; i++) {
      state[i] += s[i];
    }
  }
}
