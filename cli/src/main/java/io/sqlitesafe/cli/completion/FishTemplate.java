package io.sqlitesafe.cli.completion;

/** The part of the fish script that is the same for every model. */
final class FishTemplate {
  /** With {@code @PROGRAM@}, {@code @ID@} and two word lists still to be put in. */
  static final String TEXT =
      """
      # fish completion for @PROGRAM@, generated from its command model: do not edit.
      # Source this file, or save it as completions/@PROGRAM@.fish in fish's configuration directory.

      # Prints the command the words before the cursor lead to and how many positional parameters follow.
      function @ID@_place
          set -l commands @COMMANDS@
          set -l with_value @WITH_VALUE@
          set -l command ''
          set -l count 0
          set -l takes no
          set -l after no
          for word in (commandline -opc)[2..]
              if test $takes = yes
                  set takes no
              else if test $after = no; and test "$word" = --
                  set after yes
              else if test $after = no; and string match -q -- '-?*' $word
                  if contains -- $word $with_value; or contains -- "$command $word" $with_value
                      set takes yes
                  end
              else if contains -- (string trim -- "$command $word") $commands
                  set command (string trim -- "$command $word")
              else
                  set count (math $count + 1)
              end
          end
          printf '%s\\n' $command $count
      end

      # Is the command one of these?
      function @ID@_at
          set -l place (@ID@_place)
          contains -- "$place[1]" $argv
      end

      # Is the cursor at the positional parameters $argv[1] to $argv[2] of one of the commands after them?
      function @ID@_parameter
          set -l place (@ID@_place)
          test $place[2] -ge $argv[1]; and test $place[2] -le $argv[2]
          and contains -- "$place[1]" $argv[3..]
      end

      # Completes the command line after '--'.
      function @ID@_command_line
          set -l words (commandline -opc)
          if set -l start (contains -i -- -- $words)
              set -l inner (string escape -- $words[(math $start + 1)..])
              complete -C (string join ' ' -- $inner (commandline -ct))
          end
      end

      complete -c @PROGRAM@ -f
      """;

  private FishTemplate() {}
}
