package io.sqlitesafe.doctor;

/**
 * One thing that should be changed, or known.
 *
 * @param topic what it is about
 * @param subject the table, trigger or file
 * @param message what is the matter
 * @param hint what to do about it
 */
public record Advice(Topic topic, String subject, String message, String hint) {
  /** What advice is about. */
  public enum Topic {
    TRIGGER("trigger", true),
    FOREIGN_KEY("foreign-key", true),
    FULL_TEXT("full-text", true),
    CONSTRAINT("constraint", true),
    CHANGESET("changeset", true),
    JOURNAL_MODE("journal-mode", true),
    FILES("files", true),
    SIZE("size", true),
    /** Good to know, and no reason to change anything. */
    NOTE("note", false);

    private final String id;
    private final boolean action;

    Topic(String id, boolean action) {
      this.id = id;
      this.action = action;
    }

    /** The name in JSON. */
    public String id() {
      return id;
    }

    /** Whether it asks for something to be done. */
    public boolean action() {
      return action;
    }
  }
}
