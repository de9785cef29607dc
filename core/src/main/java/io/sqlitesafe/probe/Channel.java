package io.sqlitesafe.probe;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A conversation of two processes, in messages of words. For one thread at a time. Two make: pipes
 * to a child process, which work whatever the file system does, and files in the directory itself
 * for processes on two hosts.
 */
interface Channel extends AutoCloseable {
  void send(List<String> words) throws IOException;

  /**
   * The next message.
   *
   * @throws IOException also where none has come in time, or the other has gone
   */
  List<String> receive(Duration patience) throws IOException;

  @Override
  void close();
}
