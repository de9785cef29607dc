package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.probe.Finding;
import io.sqlitesafe.probe.ProbeResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a probe found, for people and for programs. */
public final class ProbeText {
  private static final int CHECK_WIDTH = 20;
  private static final int MAX_REASONS = 2;
  private static final int USE_WIDTH = 27;

  private ProbeText() {}

  /** The checks, a line each, then the verdicts. */
  public static String of(ProbeResult report) {
    StringBuilder text = new StringBuilder();
    text.append(place(String.valueOf(report.directory()), report.mount()));
    ProbeResult.Other other = report.other();
    text.append(" and ")
        .append(
            other.elsewhere()
                ? place(
                    other.directory() == null ? "there" : other.directory().toString(),
                    other.mount())
                : "the same")
        .append(", by pid ")
        .append(other.pid())
        .append(" on ")
        .append(DisplayText.of(other.host(), 64))
        .append("\n\n");
    for (Finding finding : report.findings()) {
      String mark = finding.state() == Finding.State.BAD ? "BAD  " : "     ";
      text.append(mark)
          .append(padded(finding.check(), CHECK_WIDTH))
          .append(DisplayText.of(finding.text(), 300))
          .append('\n');
    }
    text.append('\n');
    for (ProbeResult.Verdict verdict : report.verdicts()) {
      text.append(padded(verdict.use().id(), USE_WIDTH))
          .append(padded(verdict.advice().id(), 7))
          .append(DisplayText.of(reasons(verdict.reasons()), 400))
          .append('\n');
    }
    return text.toString();
  }

  private static String reasons(List<String> all) {
    int rest = all.size() - MAX_REASONS;
    return String.join("; ", all.subList(0, Math.min(MAX_REASONS, all.size())))
        + (rest > 0 ? "; and " + rest + " more" : "");
  }

  private static String place(String directory, Mount mount) {
    return directory + " (" + mount.type() + " on " + mount.mountPoint() + ")";
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  /** The result object. */
  public static Results json(ProbeResult report) {
    ProbeResult.Other other = report.other();
    Map<String, @Nullable Object> peer = new LinkedHashMap<>();
    peer.put("pid", other.pid());
    peer.put("host", other.host());
    peer.put("elsewhere", other.elsewhere());
    peer.put("directory", other.directory() == null ? null : other.directory().toString());
    peer.put("fileSystem", MountText.json(other.mount()));
    List<Object> checks = new ArrayList<>();
    for (Finding finding : report.findings()) {
      Map<String, @Nullable Object> check = new LinkedHashMap<>();
      check.put("check", finding.check());
      check.put("state", finding.state().id());
      check.put("text", finding.text());
      check.putAll(finding.data());
      checks.add(check);
    }
    Map<String, @Nullable Object> verdicts = new LinkedHashMap<>();
    for (ProbeResult.Verdict verdict : report.verdicts()) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("advice", verdict.advice().id());
      one.put("reasons", verdict.reasons());
      verdicts.put(verdict.use().id(), one);
    }
    return new Results("probe", null)
        .put("directory", report.directory().toString())
        .put("fileSystem", MountText.json(report.mount()))
        .put("peer", peer)
        .put("leads", true)
        .put("checks", checks)
        .put("verdicts", verdicts)
        .put("safe", report.isSafe());
  }

  /** The result object where the other host has it. */
  public static Results followed(Path directory) {
    return new Results("probe", null).put("directory", directory.toString()).put("leads", false);
  }
}
