package io.sqlitesafe.internal.changeset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeSorterTest {
  private record Item(TableHeader table, Change change, int number) {}

  private static final Comparator<Item> CANONICAL =
      Comparator.comparing(Item::table)
          .thenComparing(item -> item.change.operation())
          .thenComparing(
              item -> Encoding.key(item.table, item.change), java.util.Arrays::compareUnsigned);

  /**
   * Budgets: everything in memory; many runs; so many that runs have to be merged before the end.
   */
  @ParameterizedTest
  @ValueSource(longs = {1 << 30, 100_000, 4_000})
  void ordersWhateverTheMemory(long budget) {
    Random random = new Random(budget);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      items.add(item(random, i));
    }
    List<String> sorted = new ArrayList<>();
    try (ChangeSorter sorter = new ChangeSorter(ChangeSorter.Order.CANONICAL, budget)) {
      for (Item item : items) {
        sorter.table(item.table);
        sorter.change(item.change);
      }
      sorter.transferTo(new Collector(sorted));
    }
    items.sort(CANONICAL); // stable, as the sorter has to be
    List<String> expected = items.stream().map(i -> i.table + " " + i.change).toList();
    assertEquals(expected, sorted);
  }

  private static Item item(Random random, int number) {
    TableHeader table = new TableHeader("t" + random.nextInt(5), new byte[] {0, 2, 1, 0});
    Value[] row = {
      Value.integer(number),
      Value.integer(random.nextInt(30) - 10),
      Value.text("k" + random.nextInt(3)),
      Value.blob(new byte[random.nextInt(50) == 0 ? 30_000 : random.nextInt(30)])
    };
    Change change =
        switch (random.nextInt(3)) {
          case 0 -> Change.insert(row);
          case 1 -> Change.delete(row);
          default -> Change.update(row, row).withIndirect(true);
        };
    return new Item(table, change, number);
  }

  private static final class Collector implements ChangeSink {
    private final List<String> lines;
    private String table = "";

    Collector(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void table(TableHeader next) {
      table = next.toString();
    }

    @Override
    public void change(Change change) {
      lines.add(table + " " + change);
    }
  }

  @Test
  void tablesWithoutChangesMakeNoSections() {
    List<String> lines = new ArrayList<>();
    try (ChangeSorter sorter = new ChangeSorter()) {
      sorter.table(new TableHeader("t", new byte[] {1}));
      sorter.transferTo(new Collector(lines));
    }
    assertTrue(lines.isEmpty());
  }
}
