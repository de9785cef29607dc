package io.sqlitesafe.probe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The other side, as the leader sees it. */
final class Peer {
  private final Channel channel;
  private final Duration patience;

  /**
   * @param patience longer than anything that is asked of it takes
   */
  Peer(Channel channel, Duration patience) {
    this.channel = channel;
    this.patience = patience;
  }

  /**
   * Who it is.
   *
   * @param bootId empty where unknown
   * @param mount of its directory
   */
  record Identity(long pid, String host, String bootId, Mount mount) {
    static Identity of(List<String> words) {
      return new Identity(
          Long.parseLong(words.get(0)),
          words.get(1),
          words.get(2),
          new Mount(words.get(3), words.get(4), words.get(5), words.get(6)));
    }
  }

  /** That it could not do what it was asked; the conversation goes on. */
  static final class Unable extends IOException {
    Unable(String message) {
      super(message);
    }
  }

  void ask(String... request) {
    try {
      channel.send(List.of(request));
    } catch (IOException e) {
      throw gone(e);
    }
  }

  /** Its answer to the oldest request that has not been answered. */
  List<String> answer() throws Unable {
    List<String> words;
    try {
      words = channel.receive(patience);
    } catch (IOException e) {
      throw gone(e);
    }
    if (words.get(0).equals(Follower.OK)) {
      return words.subList(1, words.size());
    }
    throw new Unable("the other side: " + (words.size() > 1 ? words.get(1) : "unable"));
  }

  List<String> call(String... request) throws Unable {
    ask(request);
    return answer();
  }

  private static SqliteSafeException gone(IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "the probe was left alone: " + e.getMessage(),
        "look at what the other process said, and run it again",
        e);
  }
}
