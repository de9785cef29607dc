package io.sqlitesafe.it.recover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** The kinds of damage. Each harms a file in a way that its random numbers decide. */
enum Injury {
  NONE {
    @Override
    void harm(Bytes db, Random random) {}
  },
  PAGES_ZEROED {
    @Override
    void harm(Bytes db, Random random) {
      some(db, random, page -> db.fill(page, 0, db.pageSize, random, false));
    }
  },
  PAGES_NOISE {
    @Override
    void harm(Bytes db, Random random) {
      some(db, random, page -> db.fill(page, 0, db.pageSize, random, true));
    }
  },
  PAGES_SWAPPED {
    @Override
    void harm(Bytes db, Random random) {
      some(db, random, page -> db.swap(page, db.anyPage(random)));
    }
  },
  SECTORS_TORN {
    @Override
    void harm(Bytes db, Random random) {
      some(
          db,
          random,
          page -> {
            int sector = random.nextInt(Math.max(1, db.pageSize / 512)) * 512;
            db.fill(page, sector, 512, random, random.nextBoolean());
          });
    }
  },
  BITS_FLIPPED {
    @Override
    void harm(Bytes db, Random random) {
      int flips = 1 + random.nextInt(Math.max(2, db.pages * 2));
      for (int i = 0; i < flips; i++) {
        db.bytes[random.nextInt(db.bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
  },
  HEADER_GONE {
    @Override
    void harm(Bytes db, Random random) {
      db.fill(
          1, 0, random.nextBoolean() ? 100 : 16 + random.nextInt(84), random, random.nextBoolean());
    }
  },
  SCHEMA_GONE {
    @Override
    void harm(Bytes db, Random random) {
      db.fill(1, 0, db.pageSize, random, random.nextBoolean());
    }
  },
  INTERIORS_GONE {
    @Override
    void harm(Bytes db, Random random) {
      for (int page = 2; page <= db.pages; page++) {
        int kind = db.bytes[(page - 1) * db.pageSize];
        if ((kind == 5 || kind == 2) && random.nextInt(3) > 0) {
          db.fill(page, 0, db.pageSize, random, random.nextBoolean());
        }
      }
    }
  },
  FREELIST_LOOPED {
    @Override
    void harm(Bytes db, Random random) {
      db.int32(32, db.anyPage(random));
      some(db, random, page -> db.int32((page - 1) * db.pageSize, page));
    }
  },
  CUT_SHORT {
    @Override
    void harm(Bytes db, Random random) {
      db.bytes = Arrays.copyOf(db.bytes, 1 + random.nextInt(db.bytes.length));
    }
  },
  WAL_CUT {
    @Override
    void harm(Bytes db, Random random) throws IOException {
      Path log = db.file.resolveSibling(db.file.getFileName() + "-wal");
      byte[] bytes = Files.readAllBytes(log);
      Files.write(log, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
    }
  },
  WAL_AND_PAGES {
    @Override
    void harm(Bytes db, Random random) {
      PAGES_ZEROED.harmUnchecked(db, random);
    }
  },
  OVERFLOW_LOST {
    @Override
    void harm(Bytes db, Random random) {
      for (int page = 2; page <= db.pages; page++) {
        int at = (page - 1) * db.pageSize;
        boolean chained =
            db.bytes[at] == 0 && (db.bytes[at + 1] | db.bytes[at + 2] | db.bytes[at + 3]) != 0;
        if (chained && random.nextInt(4) == 0) {
          db.fill(page, 0, db.pageSize, random, random.nextBoolean());
        }
      }
    }
  };

  /** Harms. */
  abstract void harm(Bytes db, Random random) throws IOException;

  void harmUnchecked(Bytes db, Random random) {
    try {
      harm(db, random);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  boolean needsLog() {
    return this == WAL_CUT || this == WAL_AND_PAGES;
  }

  private interface OnPage {
    void harm(int page);
  }

  /** 1 to 30 % of the pages. */
  private static void some(Bytes db, Random random, OnPage each) {
    int count = Math.max(1, db.pages * (1 + random.nextInt(30)) / 100);
    for (int i = 0; i < count; i++) {
      each.harm(db.anyPage(random));
    }
  }

  /** A file in memory. */
  static final class Bytes {
    final Path file;
    byte[] bytes;
    final int pageSize;
    final int pages;

    Bytes(Path file) throws IOException {
      this.file = file;
      this.bytes = Files.readAllBytes(file);
      int stored = (bytes[16] & 0xff) << 8 | (bytes[17] & 0xff);
      this.pageSize = stored == 1 ? 65536 : stored;
      this.pages = bytes.length / pageSize;
    }

    int anyPage(Random random) {
      // Losing page 1 is a kind of its own.
      return pages < 2 ? 1 : 2 + random.nextInt(pages - 1);
    }

    void fill(int page, int from, int length, Random random, boolean noise) {
      byte[] content = new byte[length];
      if (noise) {
        random.nextBytes(content);
      }
      System.arraycopy(content, 0, bytes, (page - 1) * pageSize + from, length);
    }

    void swap(int page, int other) {
      byte[] kept = Arrays.copyOfRange(bytes, (page - 1) * pageSize, page * pageSize);
      System.arraycopy(bytes, (other - 1) * pageSize, bytes, (page - 1) * pageSize, pageSize);
      System.arraycopy(kept, 0, bytes, (other - 1) * pageSize, pageSize);
    }

    void int32(int at, int value) {
      for (int i = 0; i < 4; i++) {
        bytes[at + i] = (byte) (value >>> (24 - 8 * i));
      }
    }

    void save() throws IOException {
      Files.write(file, bytes);
    }
  }
}
