package io.sqlitesafe.probe;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The side that does what the other one asks, until it says that all is done. */
final class Follower {
  static final String DONE = "done";
  static final String OK = "ok";
  static final String FAILED = "failed";

  /** Between two requests; longer than anything the leader does alone. */
  private static final Duration IDLE = Duration.ofSeconds(90);

  private Follower() {}

  static void serve(Side side, Channel channel) throws IOException {
    while (true) {
      List<String> request = channel.receive(IDLE);
      if (request.get(0).equals(DONE)) {
        return;
      }
      channel.send(answer(side, request));
    }
  }

  private static List<String> answer(Side side, List<String> request) {
    try {
      List<String> answer = new ArrayList<>();
      answer.add(OK);
      answer.addAll(side.run(request));
      return answer;
    } catch (IOException e) {
      return List.of(FAILED, IoErrors.reason(e));
    } catch (SqliteSafeException e) {
      return List.of(FAILED, String.valueOf(e.getMessage()));
    }
  }
}
