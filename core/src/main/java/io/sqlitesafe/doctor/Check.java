package io.sqlitesafe.doctor;

import java.util.function.Consumer;

/** Looks at one thing. */
interface Check {
  void run(Patient patient, Consumer<Advice> advice);
}
