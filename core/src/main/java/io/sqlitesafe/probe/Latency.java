package io.sqlitesafe.probe;

import io.sqlitesafe.internal.fs.Durable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What operations cost, each the median of a few, in microseconds.
 *
 * @param mkdir to make a directory
 * @param syncFile to write to a file and force it to the device
 * @param syncDirectory to force a directory's entries there; -1 = refused
 */
record Latency(long mkdir, long syncFile, long syncDirectory) {
  private static final int TIMES = 7;

  private interface Operation {
    void run(int i) throws IOException;
  }

  static Latency measure(Path base) throws IOException {
    Files.createDirectories(base);
    long mkdir = median(i -> Files.createDirectory(base.resolve("d" + i)));
    long file = median(i -> writeAndForce(base.resolve("f" + i)));
    long directory;
    try {
      directory = median(i -> Durable.syncDirectory(base));
    } catch (IOException refused) {
      directory = -1;
    }
    return new Latency(mkdir, file, directory);
  }

  private static void writeAndForce(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      channel.write(ByteBuffer.wrap(new byte[100]));
      channel.force(true);
    }
  }

  private static long median(Operation operation) throws IOException {
    long[] times = new long[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long start = System.nanoTime();
      operation.run(i);
      times[i] = (System.nanoTime() - start) / 1000;
    }
    Arrays.sort(times);
    return times[TIMES / 2];
  }
}
