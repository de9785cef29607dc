package io.sqlitesafe.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipeChannelTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Test
  void whatIsNoMessageIsPassedOver() throws IOException {
    String said =
        "ok\tyes\t\n#\n# A fatal error has been detected by the Java Runtime Environment:\n";
    InputStream in = new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8));
    try (Channel channel = new PipeChannel(in, new ByteArrayOutputStream())) {
      assertEquals(List.of("ok", "yes"), channel.receive(PATIENCE));
      IOException ended = assertThrows(IOException.class, () -> channel.receive(PATIENCE));
      assertEquals("the other process has ended", ended.getMessage());
    }
  }
}
