package io.sqlitesafe.cli.completion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.cli.Cli;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs the completion scripts in the shells they are for. Candidates are asked for by each shell's
 * own means; what a Tab makes of the line is seen by typing into a shell on a terminal that
 * util-linux's {@code script} provides.
 */
class CompletionInShellsTest {
  /** The line up to the cursor, and what may follow: the last word, or its part after {@code =}. */
  private static final Map<String, Set<String>> CANDIDATES = new LinkedHashMap<>();

  static {
    offers(" wr", "write");
    offers(" ", "write", "backup", "with-lock", "changeset", "generate-completion", "help");
    offers(" sec");
    offers(" changeset ", "apply", "show");
    offers(" changeset apply --on", "--on-conflict");
    offers(" changeset apply --on-conflict ", "abort", "omit", "replace");
    offers(" backup --method ", "auto", "online", "copy");
    offers(" backup --method=", "auto", "online", "copy");
    offers(" backup --method=o", "online");
    offers(" backup app.db --access=network-", "network-exclusive");
    offers(" backup --m", "--method", "--manifest");
    offers(" backup --no", "--no-manifest");
    offers(" backup --wait ");
    offers(" backup --wait=");
    offers(" backup --wait 30s --meth", "--method");
    offers(" backup --wait=30s --meth", "--method");
    offers(" backup -- --m");
    offers(" backup a.db b.db c");
    offers(" write --fi", "--file");
    offers(" write --sec");
    offers(" write app.db i");
    offers(" write -f --create --js", "--json"); // the file is named --create
    offers(" backup -f --meth", "--method"); // here -f is a flag
    offers(" generate-completion ", "bash", "zsh", "fish");
    offers(" help ch", "changeset");
    offers(" with-lock app.db -- frobn", "frobnicate");
    offers(" nonsense ");
  }

  /** What is typed, and what a Tab makes of it. */
  private static final Map<String, String> TABS = new LinkedHashMap<>();

  static {
    tab(" wri", " write ");
    tab(" changeset ap", " changeset apply ");
    tab(" backup --method=onl", " backup --method=online ");
    tab(" backup --method onl", " backup --method online ");
    tab(" backup my", " backup my\\ data.db ");
    tab(" backup \"my", " backup \"my data.db\" ");
    tab(" backup my\\ data.db copi", " backup my\\ data.db copies/");
    tab(" write --file my", " write --file my\\ data.db ");
    tab(" write --file=my", " write --file=my\\ data.db ");
    tab(" write -f my", " write -f my\\ data.db ");
    tab(" write app.db my", " write app.db my"); // SQL is no file
    tab(" backup --wait my", " backup --wait my");
    tab(" with-lock my\\ data.db -- frobn", " with-lock my\\ data.db -- frobnicate ");
    tab(
        " with-lock my\\ data.db -- frobnicate copi",
        " with-lock my\\ data.db -- frobnicate copies/");
  }

  private static void offers(String line, String... candidates) {
    CANDIDATES.put("sqlite-safe" + line, new TreeSet<>(Arrays.asList(candidates)));
  }

  private static void tab(String typed, String completed) {
    TABS.put("sqlite-safe" + typed, "sqlite-safe" + completed);
  }

  /** What the shells must offer of the real program: every command, and every option of each. */
  private static Map<String, Set<String>> everything() {
    CommandSpec root = Cli.commandSpec();
    Map<String, Set<String>> result = options(root.name(), root);
    Set<String> commands = new TreeSet<>(root.subcommands().keySet());
    result.put(root.name() + " ", commands);
    result.put(root.name() + " help ", commands);
    return result;
  }

  private static Map<String, Set<String>> options(String line, CommandSpec spec) {
    Map<String, Set<String>> result = new LinkedHashMap<>();
    Set<String> names = new TreeSet<>(spec.negatedOptionsMap().keySet());
    spec.options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> names.addAll(Arrays.asList(option.names())));
    if (!names.isEmpty()) { // else fish offers all that has a dash anywhere
      result.put(line + " -", names);
    }
    spec.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(child -> !child.usageMessage().hidden())
        .forEach(child -> result.putAll(options(line + " " + child.name(), child)));
    return result;
  }

  @TempDir private Path home;
  private Path work;
  private Path out;

  /** The sample, whose candidates are written out above. */
  private final CommandSpec sample = SampleSpec.root();

  /** The model of the real program. */
  private final CommandSpec real = Cli.commandSpec();

  @BeforeEach
  void files() throws IOException {
    work = Files.createDirectories(home.resolve("work"));
    out = home.resolve("out");
    Files.createFile(work.resolve("my data.db"));
    Files.createFile(work.resolve("app.db"));
    Files.createDirectory(work.resolve("copies"));
    Path program = Files.createDirectory(home.resolve("bin")).resolve("frobnicate");
    Files.writeString(program, "#!/bin/sh\n");
    assertTrue(program.toFile().setExecutable(true));
  }

  @Test
  void bashOffers() throws Exception {
    assertEquals(table(CANDIDATES), table(bash(sample, CANDIDATES.keySet())));
  }

  @Test
  void bashOffersEverything() throws Exception {
    Map<String, Set<String>> expected = everything();
    assertEquals(table(expected), table(bash(real, expected.keySet())));
  }

  private Map<String, Set<String>> bash(CommandSpec spec, Set<String> lines) throws Exception {
    StringBuilder script = new StringBuilder(CompletionScript.bash(spec));
    script.append(
        """
        offer() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _sqlite_safe
            for candidate in "${COMPREPLY[@]}"; do echo "$candidate"; done
            echo LINE
        }
        """);
    for (String line : lines) {
      String words = line.replace("=", " = "); // bash makes words of = signs too
      script.append("offer ").append(words).append(line.endsWith(" ") ? "''\n" : "\n");
    }
    return candidates(lines, run(script, "bash", "--norc", "--noprofile"));
  }

  @Test
  void bashOffersWhereEqualsSignsDoNotSplit() throws Exception {
    StringBuilder script = new StringBuilder(CompletionScript.bash(sample));
    script.append("COMP_WORDS=(sqlite-safe backup --method=o) COMP_CWORD=2\n");
    script.append("_sqlite_safe && echo \"${COMPREPLY[@]}\"\n");
    assertEquals(List.of("--method=online"), run(script, "bash", "--norc", "--noprofile"));
  }

  @Test
  void bashCompletesAtTab() throws Exception {
    Path rc = home.resolve("bashrc");
    Files.writeString(
        rc,
        CompletionScript.bash(sample)
            + """
            PS1= PROMPT_COMMAND='echo READY >>"$OUT"'
            report() {
                printf 'LINE %s\\n' "$READLINE_LINE" >>"$OUT"
                READLINE_LINE= READLINE_POINT=0
            }
            bind -x '"\\C-g": report'
            """);
    List<String> output = type(TABS.keySet(), "bash --noprofile --rcfile " + rc + " -i");
    assertEquals(table(TABS), table(tabs(output)));
  }

  @Test
  void zshOffersAndCompletesAtTab() throws Exception {
    String load = "compinit -D -u; source $ZDOTDIR/_sqlite-safe";
    Files.writeString(home.resolve("_sqlite-safe"), CompletionScript.zsh(sample));
    assertEquals(table(CANDIDATES), table(zsh(load, CANDIDATES.keySet())));
    assertEquals(table(TABS), table(tabs(type(TABS.keySet(), "zsh -d -i"))));
  }

  @Test
  void zshOffersEverythingWhenAutoloaded() throws Exception {
    String load = "fpath=($ZDOTDIR/functions $fpath); compinit -D -u";
    Path directory = Files.createDirectory(home.resolve("functions"));
    Files.writeString(directory.resolve("_sqlite-safe"), CompletionScript.zsh(real));
    Map<String, Set<String>> expected = everything();
    assertEquals(table(expected), table(zsh(load, expected.keySet())));
  }

  /** What zsh's completion system is given is seen by standing in for {@code compadd}. */
  private Map<String, Set<String>> zsh(String load, Set<String> lines) throws Exception {
    Files.writeString(
        home.resolve(".zshrc"),
        """
        PS1=
        autoload -Uz compinit
        %s
        compadd() {
          local -a hits options=("${(@)argv[1,(i)(-|--)]}")
          if (( ! ${options[(I)-[OAD]]} )); then
            builtin compadd -O hits "$@"
            (( $#hits )) && print -rl -- ${hits%%%%=} >>$OUT
          fi
          builtin compadd "$@"
        }
        report() { print -r -- "LINE $BUFFER" >>$OUT; BUFFER= }
        zle -N report
        zle-line-init() { print READY >>$OUT }
        zle -N zle-line-init
        bindkey '^G' report
        bindkey '^I' complete-word
        """
            .formatted(load));
    return candidates(lines, type(lines, "zsh -d -i"));
  }

  @Test
  void fishOffers() throws Exception {
    assertEquals(table(CANDIDATES), table(fish(sample, CANDIDATES.keySet())));
  }

  @Test
  void fishOffersEverything() throws Exception {
    Map<String, Set<String>> expected = everything();
    assertEquals(table(expected), table(fish(real, expected.keySet())));
  }

  private Map<String, Set<String>> fish(CommandSpec spec, Set<String> lines) throws Exception {
    StringBuilder script = new StringBuilder(CompletionScript.fish(spec));
    for (String line : lines) {
      script.append("complete -C '").append(line).append("'; echo LINE\n");
    }
    List<String> output =
        run(script, "fish", "--no-config").stream()
            .map(line -> line.replaceAll("^--[a-z]+=|\t.*", "")) // after = it repeats the option
            .toList();
    return candidates(lines, output);
  }

  @Test
  void fishDescribesAndFindsFiles() throws Exception {
    StringBuilder script = new StringBuilder(CompletionScript.fish(sample));
    script.append(
        """
        complete -C 'sqlite-safe wri'
        complete -C 'sqlite-safe write --cre'
        complete -C 'sqlite-safe backup my'
        complete -C 'sqlite-safe backup my\\\\ data.db copi'
        complete -C 'sqlite-safe write --file=my'
        complete -C 'sqlite-safe write -f my'
        complete -C 'sqlite-safe write app.db my'
        complete -C 'sqlite-safe with-lock app.db -- frobnicate copi'
        """);
    assertEquals(
        List.of(
            "write\trun SQL under the exclusive lock",
            "--create\tit's fine [really]: make 100% new",
            "my data.db",
            "copies/",
            "--file=my data.db",
            "my data.db",
            "copies/"),
        run(script, "fish", "--no-config"));
  }

  /** {@code output}: for each line its candidates, one a line, and a line that begins with LINE. */
  private static Map<String, Set<String>> candidates(Set<String> lines, List<String> output) {
    Map<String, Set<String>> result = new LinkedHashMap<>();
    Iterator<String> asked = lines.iterator();
    Set<String> candidates = new TreeSet<>();
    for (String line : output) {
      if (line.startsWith("LINE")) {
        result.put(asked.next(), candidates);
        candidates = new TreeSet<>();
      } else {
        candidates.add(line);
      }
    }
    return result;
  }

  private static Map<String, String> tabs(List<String> output) {
    Map<String, String> result = new LinkedHashMap<>();
    Iterator<String> typed = TABS.keySet().iterator();
    output.stream()
        .filter(line -> line.startsWith("LINE "))
        .forEach(line -> result.put(typed.next(), line.substring(5)));
    return result;
  }

  /** One line an entry, so that a failure can be read. */
  private static String table(Map<String, ?> map) {
    return map.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
  }

  /** Runs a script and returns what it printed. */
  private List<String> run(CharSequence script, String... shell) throws Exception {
    assumeInstalled(shell[0]);
    Path file = home.resolve("script");
    Files.writeString(file, script);
    List<String> command = new ArrayList<>(List.of(shell));
    command.add(file.toString());
    Process process = builder(command).redirectOutput(out.toFile()).start();
    process.getOutputStream().close();
    finish(process);
    return Files.readAllLines(out);
  }

  /** Types each line and a Tab into an interactive shell and returns what it wrote to $OUT. */
  private List<String> type(Iterable<String> lines, String shell) throws Exception {
    assumeInstalled(shell.substring(0, shell.indexOf(' ')));
    assumeInstalled("script");
    Files.deleteIfExists(out);
    Process process =
        builder(List.of("script", "-qfec", shell, "/dev/null"))
            .redirectOutput(home.resolve("terminal").toFile())
            .start();
    try (OutputStream keys = process.getOutputStream()) {
      awaitMarks(1);
      int answers = 0;
      for (String line : lines) {
        keys.write((line + "\t\007").getBytes(UTF_8));
        keys.flush();
        awaitMarks(++answers + 1);
      }
      keys.write(4); // end of file on an empty line
    } finally {
      finish(process);
    }
    return Files.readAllLines(out).stream().filter(line -> !line.equals("READY")).toList();
  }

  private void awaitMarks(int count) throws Exception {
    for (int i = 0; i < 2000; i++) {
      if (Files.exists(out)
          && Files.readAllLines(out).stream().filter(line -> line.matches("(READY|LINE).*")).count()
              >= count) {
        return;
      }
      Thread.sleep(10);
    }
    fail(
        "no answer from the shell; the terminal shows: "
            + Files.readString(home.resolve("terminal")));
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("HOME", home.toString());
    environment.put("ZDOTDIR", home.toString());
    environment.put("OUT", out.toString());
    environment.put("PATH", home.resolve("bin") + File.pathSeparator + environment.get("PATH"));
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("TERM", "dumb");
    return builder.redirectErrorStream(true);
  }

  private static void finish(Process process) throws InterruptedException {
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      fail("the shell did not end");
    }
  }

  private static void assumeInstalled(String program) {
    boolean found =
        Pattern.compile(File.pathSeparator)
            .splitAsStream(System.getenv().getOrDefault("PATH", ""))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    if (!found) {
      System.out.println("completion not tried: " + program + " is not installed");
    }
    assumeTrue(found, program + " is not installed");
  }
}
