package io.sqlitesafe.cli.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParamsTest {
  private static @Nullable Object value(String spec) {
    Map<String, @Nullable Object> params = Params.parse(List.of(spec));
    assertEquals(1, params.size());
    return params.values().iterator().next();
  }

  private static SqliteSafeException refused(String... specs) {
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> Params.parse(List.of(specs)));
    assertEquals(ErrorKind.USAGE, e.kind());
    assertNotNull(e.hint());
    return e;
  }

  @Test
  void knowsEveryType() {
    assertEquals("x", value("a=x"));
    assertEquals("", value("a="));
    assertEquals("5", value("a=5"));
    assertEquals("b=c:d\n", value("a=b=c:d\n"));
    assertEquals(":int=5", value("a=:int=5"));
    assertEquals("5", value("a:text=5"));
    assertEquals(-5L, value("a:int=-5"));
    assertEquals(5L, value("a:INT=+5"));
    assertEquals(Long.MIN_VALUE, value("a:int=-9223372036854775808"));
    assertEquals(0.5, value("a:real=.5"));
    assertEquals(-1e-3, value("a:real=-1e-3"));
    assertEquals(5.0, value("a:real=5"));
    assertEquals(Double.NEGATIVE_INFINITY, value("a:real=-9e999"));
    assertNull(value("a:null"));
    assertNull(value("a:null="));
    assertArrayEquals(new byte[] {0, -1}, (byte[]) value("a:blob=x'00fF'"));
    assertArrayEquals(new byte[0], (byte[]) value("a:blob=X''"));
    assertEquals(" {\"a\" : [1, 2.50]} ", value("a:json= {\"a\" : [1, 2.50]} "));
    assertEquals("null", value("a:json=null"));
  }

  @Test
  void keepsTheOrderAndTakesNamesAsTheyStandInSql() {
    Map<String, @Nullable Object> params =
        Params.parse(List.of(":z=1", "@größe=2", "$a_1=3", "n:null", "B=4"));

    assertEquals(List.of("z", "größe", "a_1", "n", "B"), List.copyOf(params.keySet()));
    assertEquals(Map.of(), Params.parse(List.of()));
  }

  @Test
  void readsABlobFromAFile(@TempDir Path dir) throws IOException {
    Path file = Files.write(dir.resolve("a b='%.bin"), new byte[] {1, 0, -1});

    assertArrayEquals(new byte[] {1, 0, -1}, (byte[]) value("a:blob=@" + file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '§',
      value = {
        "a ~ no value ~ NAME=VALUE",
        "a:int ~ no value ~ :int=5",
        "=x ~ not of the form ~ NAME=VALUE",
        "a b=x ~ not of the form ~ NAME=VALUE",
        "a:b:int=5 ~ not of the form ~ NAME:int=5",
        "a:float=5 ~ no type \"float\" ~ NAME:real=0.5",
        "a:=5 ~ no type \"\" ~ NAME=VALUE",
        "a:int=5.0 ~ \"5.0\" is not an integer ~ :real",
        "a:int= ~ not an integer ~ digits",
        "a:int=٣ ~ not an integer ~ digits",
        "a:int=9223372036854775808 ~ 64 bits ~ 9223372036854775807",
        "a:real=1,5 ~ \"1,5\" is not a number ~ a:real=0.5",
        "a:real=NaN ~ not a number ~ a:real=0.5",
        "a:real=0x1p3 ~ not a number ~ a:real=0.5",
        "a:real=1d ~ not a number ~ a:real=0.5",
        "a:null=x ~ NULL has no value ~ a:null",
        "a:json={a:1} ~ not valid JSON ~ a:json=",
        "a:json= ~ not exactly one JSON value ~ a:json=",
        "a:json=1 2 ~ not exactly one JSON value ~ a:json=",
        "a:json=[1 ~ not valid JSON ~ a:json=",
        "a:blob=00ff ~ neither ~ a:blob=x'00ff'",
        "a:blob=x'0' ~ neither ~ x'00ff'",
        "a:blob=x'0g' ~ neither ~ x'00ff'",
        "a:blob=@ ~ neither ~ @FILE",
        "a:blob=@/no/such/file ~ no file /no/such/file ~ after the @",
        "a:blob=@/ ~ is a directory ~ after the @",
      })
  void saysWhichIsWrongAndWhatWouldBeRight(String spec, String inMessage, String inHint) {
    SqliteSafeException e = refused("fine=1", spec);

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(inMessage), message);
    assertTrue(message.startsWith("parameter "), message);
    assertTrue(String.valueOf(e.hint()).contains(inHint), e.hint());
  }

  @Test
  void refusesTheSameNameTwice() {
    assertEquals("a", refused("a=1", ":a:int=2").details().get("parameter"));
  }

  @Test
  void doesNotRepeatTheValueOfAnUnreadableOne() {
    assertFalse(String.valueOf(refused("pass word=secret").getMessage()).contains("secret"));
  }

  @Test
  void refusesTextThatIsNoUnicode() {
    refused("a=\uD800");
  }
}
