package io.sqlitesafe.internal.recover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class AscendingTest {
  private static String longest(long... numbers) {
    BitSet all = new BitSet();
    all.set(0, numbers.length);
    return Ascending.longest(numbers, numbers.length, all).toString();
  }

  @Test
  void whatAscendsStays() {
    assertEquals("{0, 1, 2}", longest(-5, 0, 7));
    assertEquals("{}", longest());
  }

  @Test
  void oneDamagedNumberCostsOnlyItself() {
    assertEquals("{0, 2, 3}", longest(1, 4711, 3, 4));
    assertEquals("{0, 1, 3}", longest(10, 11, -9, 13));
  }

  @Test
  void othersAreNotLookedAt() {
    BitSet some = new BitSet();
    some.set(1, 3);
    assertEquals("{1, 2}", Ascending.longest(new long[] {9, 1, 2}, 3, some).toString());
  }
}
