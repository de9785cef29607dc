package io.sqlitesafe.cli.completion;

/** The part of the zsh script that is the same for every model. */
final class ZshTemplate {
  /** With {@code @PROGRAM@} and the tables still to be put in. */
  static final String TEXT =
      """
      #compdef @PROGRAM@
      # zsh completion for @PROGRAM@, generated from its command model: do not edit.
      # Source this file, or save it as _@PROGRAM@ in a directory of $fpath.

      # Sets what command $1 (its words, '' for none yet) offers.
      _@PROGRAM@_command() {
      @SHARED@
        subcommands=() specs=()
        case $1 in
      @COMMANDS@
          *) return 1 ;;
        esac
      }

      # Completes the command line of another program, with '--' before it or not.
      _@PROGRAM@_command_line() {
        [[ $words[1] == -- ]] && { shift words; (( CURRENT-- )) }
        _normal
      }

      # Completes what follows the words $1 of the command line.
      _@PROGRAM@_complete() {
        local context state state_descr line ret=1
        local -A opt_args
        local -a subcommands specs
        _@PROGRAM@_command "$1" || { _message 'unknown command'; return 1 }
        if (( ! $#subcommands )); then
          _arguments -s -S : $specs
          return
        fi
        _arguments -s -S -C : $specs '1:command:->command' '*::argument:->argument' && ret=0
        case $state in
          command) _describe -t commands command subcommands && ret=0 ;;
          argument)
            curcontext="${curcontext%:*}-$words[1]:"
            _@PROGRAM@_complete "${1:+$1 }$words[1]" && ret=0
            ;;
        esac
        return ret
      }

      _@PROGRAM@() {
        local curcontext=$curcontext
        _@PROGRAM@_complete ''
      }

      if [[ $funcstack[1] == _@PROGRAM@ ]]; then
        _@PROGRAM@ "$@" # loaded through fpath: this is the first completion
      else
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
        compdef _@PROGRAM@ @PROGRAM@
      fi
      """;

  private ZshTemplate() {}
}
