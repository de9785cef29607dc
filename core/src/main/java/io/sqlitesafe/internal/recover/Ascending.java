package io.sqlitesafe.internal.recover;

import java.util.BitSet;

/** Numbers that should ascend, some of which are damaged. Stateless. */
final class Ascending {
  private Ascending() {}

  /**
   * The largest set of numbers that ascend.
   *
   * @param which of them may be in it
   */
  static BitSet longest(long[] numbers, int count, BitSet which) {
    if (ascend(numbers, which)) {
      return which;
    }
    int[] ends = new int[count]; // of the best run of each length
    int[] before = new int[count];
    int length = 0;
    for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
      int low = 0;
      int high = length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (numbers[ends[middle]] < numbers[i]) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      before[i] = low == 0 ? -1 : ends[low - 1];
      ends[low] = i;
      length = Math.max(length, low + 1);
    }
    BitSet best = new BitSet(count);
    for (int i = length == 0 ? -1 : ends[length - 1]; i >= 0; i = before[i]) {
      best.set(i);
    }
    return best;
  }

  private static boolean ascend(long[] numbers, BitSet which) {
    boolean first = true;
    long last = 0;
    for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
      if (!first && numbers[i] <= last) {
        return false;
      }
      first = false;
      last = numbers[i];
    }
    return true;
  }
}
