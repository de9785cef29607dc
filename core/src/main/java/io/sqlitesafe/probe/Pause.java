package io.sqlitesafe.probe;

import java.time.Duration;

/** Waiting that a signal can cut short. */
interface Pause {
  void sleep(Duration time);
}
