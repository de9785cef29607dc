package io.sqlitesafe.cli.docs;

import io.sqlitesafe.cli.CommandGroups;
import io.sqlitesafe.cli.option.LockOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** One man page for each command, in man(7) macros, written from the command model. */
final class ManPage {
  /** Fixed, so that the pages change only when the model does. */
  private static final String DATE = "2026-11-01";

  private static final String PROTOCOL_PAGE = "sqlite-safe-lock";
  private static final int WIDTH = 78;
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Pattern OPTION_IN_TEXT = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\b[A-Z][A-Z0-9_]+\\b");

  private final CommandSpec spec;
  private final String words;
  private final @Nullable ManPage parent;
  private final List<ManPage> children = new ArrayList<>();
  private final StringBuilder roff = new StringBuilder();

  private ManPage(CommandSpec spec, @Nullable ManPage parent) {
    this.spec = spec;
    this.parent = parent;
    this.words = parent == null ? spec.name() : parent.words + " " + spec.name();
    Set<CommandSpec> subcommands = new LinkedHashSet<>(); // the map has aliases too
    spec.subcommands().values().stream().map(CommandLine::getCommandSpec).forEach(subcommands::add);
    for (CommandSpec subcommand : subcommands) {
      if (!subcommand.usageMessage().hidden()) {
        children.add(new ManPage(subcommand, this));
      }
    }
  }

  /** File names and contents. */
  static Map<String, String> all(CommandSpec root) {
    Map<String, String> pages = new LinkedHashMap<>();
    new ManPage(root, null).addTo(pages);
    return pages;
  }

  private void addTo(Map<String, String> pages) {
    pages.put(name() + ".1", text());
    children.forEach(child -> child.addTo(pages));
  }

  private String name() {
    return words.replace(' ', '-');
  }

  private String header() {
    return plain(spec.usageMessage().header()).stream().findFirst().orElse("");
  }

  private String text() {
    line(".\\\" Generated from the command model by GeneratedDocsTest: do not edit.");
    line(".nr HY 0"); // no hyphenation: it would break names of options and files
    String title = escape(name().toUpperCase(Locale.ROOT));
    line(".TH %s 1 %s %s \"%s manual\"".formatted(title, DATE, program(), program()));
    line(".ad l\n.nh");
    section("NAME");
    line(escape(name()) + " \\- " + escape(lowerCaseStart(header())));
    section("SYNOPSIS");
    synopsis();
    if (spec.usageMessage().description().length > 0) {
      section("DESCRIPTION");
      plain(spec.usageMessage().description()).forEach(this::paragraph);
    }
    if (!children.isEmpty()) {
      section("COMMANDS");
      commands();
    }
    arguments();
    options();
    if (parent == null) {
      section("OUTPUT");
      paragraph(
          "Standard output carries only the result; progress, notes, warnings and errors go to"
              + " standard error. With --json the result is one JSON object, or one object a line"
              + " where rows stream, and an error is one JSON object on standard error.");
      paragraph(
          "Names, options, JSON members and exit statuses keep their meaning from release to"
              + " release; text meant for people may change. New JSON members may be added:"
              + " programs must ignore members that they do not know.");
    }
    exitStatus();
    things("ENVIRONMENT", Surroundings.environment(spec, parent == null));
    things("FILES", Surroundings.files(spec, parent == null));
    examples();
    seeAlso();
    return roff.toString();
  }

  private void synopsis() {
    String[] custom = spec.usageMessage().customSynopsis();
    String bold = "\\fB" + escape(words) + "\\fR";
    if (custom.length > 0) {
      String separator = "";
      for (String usage : plain(custom)) {
        roff.append(separator);
        String rest = usage.startsWith(words) ? usage.substring(words.length()) : usage;
        line((usage.startsWith(words) ? bold : "") + italic(escape(rest)));
        separator = ".br\n";
      }
      return;
    }
    StringBuilder usage = new StringBuilder(bold);
    if (spec.options().stream().anyMatch(option -> !option.hidden())) {
      usage.append(" [\\fIOPTION\\fR]...");
    }
    for (PositionalParamSpec parameter : visible(spec.positionalParameters())) {
      String label = italic(escape(parameter.paramLabel()));
      String more = parameter.arity().max() > 1 ? "..." : "";
      usage.append(parameter.arity().min() > 0 ? " " + label + more : " [" + label + more + "]");
    }
    if (!children.isEmpty()) {
      usage.append(" \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...");
    }
    line(usage.toString());
  }

  private void arguments() {
    List<PositionalParamSpec> parameters = visible(spec.positionalParameters());
    if (!parameters.isEmpty()) {
      section("ARGUMENTS");
      for (PositionalParamSpec parameter : parameters) {
        item(italic(escape(parameter.paramLabel())), description(parameter));
      }
    }
  }

  /** The program's by group, others one after the other. */
  private void commands() {
    Map<String, ManPage> left = new LinkedHashMap<>();
    children.forEach(child -> left.put(child.spec.name(), child));
    if (parent == null
        && CommandGroups.all().values().stream().anyMatch(left.keySet()::containsAll)) {
      paragraph("Start with write, read, backup and restore.");
      CommandGroups.all()
          .forEach(
              (group, names) -> {
                line(".SS \"" + group + '"');
                names.stream().map(left::remove).filter(Objects::nonNull).forEach(this::command);
              });
    }
    left.values().forEach(this::command);
  }

  private void command(ManPage child) {
    item(".BR " + escape(child.name()) + " (1)", List.of(sentence(child.header())));
  }

  private void options() {
    List<OptionSpec> common = LockOptions.common().options();
    List<OptionSpec> own = new ArrayList<>(visible(spec.options()));
    List<OptionSpec> others = new ArrayList<>(own);
    others.removeIf(option -> !LockOptions.isCommon(option, common));
    own.removeAll(others);
    if (parent == null) {
      options("OPTIONS", visible(spec.options()));
      options("OPTIONS OF MOST COMMANDS", common);
      return;
    }
    options("OPTIONS", own);
    if (!others.isEmpty()) {
      String names = others.stream().map(OptionSpec::longestName).collect(Collectors.joining(", "));
      section("COMMON OPTIONS");
      paragraph(names + ": see " + spec.root().name() + "(1).");
    }
  }

  private void things(String title, Map<String, String> things) {
    if (!things.isEmpty()) {
      section(title);
      things.forEach((name, meaning) -> item(bold(escape(name)), List.of(meaning)));
    }
  }

  private void options(String title, List<OptionSpec> options) {
    if (options.isEmpty()) {
      return;
    }
    section(title);
    for (OptionSpec option : options) {
      List<String> names = new ArrayList<>(List.of(option.names()));
      spec.negatedOptionsMap()
          .forEach(
              (name, of) -> {
                if (of.equals(option)) {
                  names.add(name);
                }
              });
      String label = "";
      if (option.arity().max() > 0) {
        label = "=" + italic(escape(option.paramLabel()));
        label = option.arity().min() > 0 ? label : "[" + label + "]";
      }
      String tag = names.stream().map(name -> bold(escape(name))).collect(Collectors.joining(", "));
      // As usual: -f, --file=FILE, and -f FILE where there is no long name.
      boolean onlyShort = names.stream().noneMatch(name -> name.startsWith("--"));
      item(tag + (onlyShort ? label.replace("=", " ") : label), description(option));
    }
  }

  private static List<String> description(ArgSpec arg) {
    List<String> lines = new ArrayList<>(plain(arg.description()));
    String all = String.join(" ", lines);
    StringBuilder more = new StringBuilder();
    Iterable<String> candidates = arg.completionCandidates();
    if (candidates != null && !all.contains("ne of ")) {
      String list = String.join(", ", candidates);
      more.append(list.isEmpty() || list.length() > 200 ? "" : "One of " + list + ". ");
    }
    if (arg.defaultValue() != null && !all.contains("efault")) {
      more.append("Default: ").append(arg.defaultValue()).append(". ");
    }
    if (arg.isOption() && arg.isMultiValue() && !all.contains("repeat")) {
      more.append("May be repeated.");
    }
    if (!more.isEmpty()) {
      int last = lines.size() - 1;
      String text = last < 0 ? "" : lines.remove(last);
      lines.add((sentence(text) + " " + more).strip());
    }
    return lines;
  }

  private void exitStatus() {
    Map<String, String> codes = spec.usageMessage().exitCodeList();
    if (!codes.isEmpty()) {
      section("EXIT STATUS");
      codes.entrySet().stream()
          .sorted(Comparator.comparingInt(entry -> number(entry.getKey())))
          .forEach(code -> item(bold(escape(code.getKey().strip())), plain(code.getValue())));
    }
  }

  private static int number(String code) {
    Matcher matcher = NUMBER.matcher(code);
    return matcher.find() ? Integer.parseInt(matcher.group()) : Integer.MAX_VALUE;
  }

  /** Indented lines are what one types and sees; the others are text. */
  private void examples() {
    List<String> lines = new ArrayList<>(plain(spec.usageMessage().footer()));
    lines.removeIf(line -> line.strip().equalsIgnoreCase("examples:"));
    if (lines.stream().allMatch(String::isBlank)) {
      return;
    }
    section("EXAMPLES");
    boolean screen = false;
    for (String line : lines) {
      boolean indented = line.startsWith("  ");
      if (screen && !indented) {
        line(".EE\n.RE");
      } else if (!screen && indented) {
        separate();
        line(".RS 4\n.EX");
      }
      screen = indented;
      if (indented) {
        String text = escape(line.substring(2).stripTrailing());
        line(text.startsWith("$ ") ? "$ " + bold(text.substring(2)) : guard(text));
      } else if (!line.isBlank()) {
        paragraph(line);
      }
    }
    if (screen) {
      line(".EE\n.RE");
    }
  }

  private void seeAlso() {
    section("SEE ALSO");
    List<String> pages = new ArrayList<>();
    if (parent != null) {
      ManPage root = parent.parent == null ? parent : parent.parent;
      pages.add(escape(root.name()) + " (1)");
      if (root != parent) {
        pages.add(escape(parent.name()) + " (1)");
      }
    }
    children.forEach(child -> pages.add(escape(child.name()) + " (1)"));
    pages.add(escape(PROTOCOL_PAGE) + " (7)");
    pages.add("sqlite3 (1)");
    for (String page : pages) {
      line(".BR " + page + (page.equals(pages.get(pages.size() - 1)) ? "" : ","));
    }
  }

  private void section(String title) {
    line(".SH " + (title.contains(" ") ? '"' + title + '"' : title));
  }

  private void paragraph(String text) {
    if (!text.isBlank()) {
      separate();
      fill(text);
    }
  }

  /** Begins a paragraph; right after a heading there is nothing to do, and checkers say so. */
  private void separate() {
    if (!roff.substring(roff.lastIndexOf("\n", roff.length() - 2) + 1).startsWith(".SH ")) {
      line(".PP");
    }
  }

  private void item(String tag, List<String> paragraphs) {
    line(".TP\n" + tag);
    String separator = "";
    for (String text : paragraphs) {
      if (text.isBlank()) {
        continue;
      }
      roff.append(separator);
      fill(text);
      separator = ".IP\n";
    }
  }

  /** Text broken into lines, as roff input wants it: a sentence begins on a line of its own. */
  private void fill(String text) {
    String marked = OPTION_IN_TEXT.matcher(text).replaceAll("\u0001$0\u0002").strip();
    StringBuilder current = new StringBuilder();
    for (String word : SPACES.splitAsStream(marked).toList()) {
      String escaped = escape(word).replace("\u0001", "\\fB").replace("\u0002", "\\fR");
      boolean sentence = Character.isUpperCase(word.charAt(0)) && current.toString().endsWith(".");
      if (!current.isEmpty() && (sentence || current.length() + escaped.length() >= WIDTH)) {
        line(guard(current.toString()));
        current.setLength(0);
      }
      current.append(current.isEmpty() ? "" : " ").append(escaped);
    }
    line(guard(current.toString()));
  }

  private void line(String text) {
    if (!text.isEmpty()) {
      roff.append(text).append('\n');
    }
  }

  private String program() {
    return escape(spec.root().name());
  }

  private static <T extends ArgSpec> List<T> visible(List<T> args) {
    return args.stream().filter(arg -> !arg.hidden()).toList();
  }

  /** The texts as lines without picocli's markup and format characters. */
  private static List<String> plain(String... texts) {
    List<String> result = new ArrayList<>();
    for (String text : texts) {
      String formatted = text.replace("%n", "\n").replace("%%", "%");
      result.addAll(Ansi.OFF.string(formatted).lines().toList());
    }
    return result;
  }

  private static String lowerCaseStart(String header) {
    boolean word = header.length() > 1 && Character.isLowerCase(header.charAt(1));
    return word ? header.substring(0, 1).toLowerCase(Locale.ROOT) + header.substring(1) : header;
  }

  private static String sentence(String text) {
    return text.isEmpty() || text.endsWith(".") ? text : text + ".";
  }

  private static String bold(String escaped) {
    return "\\fB" + escaped + "\\fR";
  }

  private static String italic(String escaped) {
    return PLACEHOLDER.matcher(escaped).replaceAll("\\\\fI$0\\\\fR");
  }

  /** Keeps a text line from being read as a request. */
  private static String guard(String escaped) {
    return escaped.startsWith(".") ? "\\&" + escaped : escaped;
  }

  private static String escape(String text) {
    StringBuilder result = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> result.append("\\(rs");
                case '-' -> result.append("\\-");
                case '\'' -> result.append("\\(aq");
                case '`' -> result.append("\\(ga");
                case '^' -> result.append("\\(ha");
                case '~' -> result.append("\\(ti");
                case '"' -> result.append("\\(dq");
                default -> {
                  if (c < 0x7f) {
                    result.append((char) c);
                  } else {
                    result.append("\\[u%04X]".formatted(c));
                  }
                }
              }
            });
    return result.toString();
  }
}
