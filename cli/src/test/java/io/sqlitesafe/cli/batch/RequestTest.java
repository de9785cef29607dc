package io.sqlitesafe.cli.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests may run while the lock and the connection of an earlier one are kept. */
class RequestTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'write':['a.db','DELETE FROM t'],'wait':'5m'}|true|true",
        "{'write':['a.db','DELETE FROM t'],'param':{'x':'@a.db'}}|true|true",
        "{'write':['a.db','DELETE FROM t'],'param':'x=:blob=@a.db'}|true|true",
        "{'read':['a.db','SELECT 1'],'format':'csv'}|true|false",
        // Each of these may read the database itself as a file, and closes it.
        "{'write':['a.db','INSERT INTO t VALUES(:x)'],'param':'x:blob=@a.db'}|false|false",
        "{'read':['a.db','SELECT :x'],'param':'x:blob=@a.db'}|false|false",
        "{'write':['a.db','INSERT INTO t VALUES(:x)'],'rows':'a.db'}|false|false",
        "{'write':['a.db'],'file':'a.db'}|false|false",
        // These want the lock, or the file, for themselves.
        "{'backup':['a.db','b.db']}|false|false",
        "{'integrity-check':['a.db']}|false|false"
      })
  void whatGoesWithAKeptLock(String line, boolean kept, boolean together) {
    Request request = Request.parse(line.replace('\'', '"'));
    assertEquals(kept, request.goesWithKept());
    assertEquals(together, request.sharing() != null);
  }
}
