package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.PolicyRow;
import io.sqlitesafe.mount.PolicyTable;
import io.sqlitesafe.mount.Use;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file system, and what it is fit for. */
public final class MountText {
  private MountText() {}

  /** By way of use, for people; empty where all is fine. */
  public static Map<String, String> policy(Mount mount) {
    Map<String, String> usesByAdvice = new LinkedHashMap<>();
    if (mount.isQuestionable()) {
      for (Use use : Use.values()) {
        PolicyTable.Verdict verdict = PolicyTable.judge(mount, use);
        String cure = verdict.cure().isEmpty() ? "" : "; " + verdict.cure();
        String advice = verdict.advice().id() + " (" + verdict.reason() + cure + ")";
        String some = usesByAdvice.get(advice);
        usesByAdvice.put(advice, some == null ? use.id() : some + ", " + use.id());
      }
    }
    Map<String, String> lines = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : usesByAdvice.entrySet()) {
      lines.put(each.getValue(), each.getKey());
    }
    return lines;
  }

  /** The whole policy table, a row an element. */
  public static List<Object> table() {
    List<Object> rows = new ArrayList<>();
    for (PolicyRow row : PolicyTable.rows()) {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("where", row.where());
      json.put("types", row.types());
      json.put("options", row.options());
      for (Use use : Use.values()) {
        json.put(use.id(), row.advice(use).id());
      }
      json.put("reason", row.reason());
      json.put("cure", row.cure());
      rows.add(json);
    }
    return rows;
  }

  /** The member {@code fileSystem}. */
  public static Map<String, @Nullable Object> json(Mount mount) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("type", mount.type());
    json.put("source", mount.source());
    json.put("mountPoint", mount.mountPoint());
    json.put("options", mount.options());
    json.put("network", mount.isNetwork());
    Mount.Layer layer = mount.layer();
    if (layer != null) {
      json.put("overlay", Map.of("role", layer.role(), "mountPoint", layer.mountPoint()));
    }
    Map<String, @Nullable Object> policy = new LinkedHashMap<>();
    for (Use use : Use.values()) {
      PolicyTable.Verdict verdict = PolicyTable.judge(mount, use);
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("advice", verdict.advice().id());
      one.put("reason", verdict.reason());
      one.put("cure", verdict.cure());
      policy.put(use.id(), one);
    }
    json.put("policy", policy);
    return json;
  }
}
