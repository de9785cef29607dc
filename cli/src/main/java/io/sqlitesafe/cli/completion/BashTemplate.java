package io.sqlitesafe.cli.completion;

/** The part of the bash script that is the same for every model. */
final class BashTemplate {
  /** With {@code @PROGRAM@}, {@code @ID@} and the two tables still to be put in. */
  static final String TEXT =
      """
      # bash completion for @PROGRAM@, generated from its command model: do not edit.
      # Source this file, or save it as @PROGRAM@ where bash-completion looks for scripts. Needs bash 4.

      # Sets what command $1 (its words, '' for none yet) offers. The last of places repeats after '*'.
      @ID@_command() {
          subcommands='' options='' places=()
          case $1 in
      @COMMANDS@
          esac
      }

      # Sets what option $2 of command $1 takes: '' nothing, '=...' one of these words, 'file', 'any'.
      @ID@_option() {
          takes=''
          case "$1 $2" in
      @OPTIONS@
          esac
      }

      @ID@() {
          local subcommands options places takes='' path='' count=0 after='' word words=() glue=''
          COMPREPLY=()

          # Bash splits words at = and : as well. Join them again.
          for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
              if [[ ${#words[@]} -gt 0 && ( $glue || $word =~ ^[=:]+$ ) ]]; then
                  words[${#words[@]}-1]+=$word
              else
                  words+=("$word")
              fi
              [[ $word =~ ^[=:]+$ ]] && glue=1 || glue=''
          done
          # Readline replaces only what follows the last split.
          local cur=${words[${#words[@]}-1]} kept=''
          [[ $glue ]] && kept=$cur || kept=${cur%"$word"}

          @ID@_command ''
          for word in "${words[@]:0:${#words[@]}-1}"; do
              if [[ $takes ]]; then
                  takes=''
              elif [[ ! $after && $word == -- ]]; then
                  after=1
              elif [[ ! $after && $word == -?* ]]; then
                  @ID@_option "$path" "$word"
              elif [[ " $subcommands " == *" $word "* ]]; then
                  path="${path:+$path }$word"
                  @ID@_command "$path"
              else
                  count=$((count + 1))
              fi
          done

          local prefix=''
          if [[ ! $takes ]]; then
              if [[ ! $after && $cur == --*=* ]]; then
                  prefix="${cur%%=*}="
                  cur=${cur#*=}
                  @ID@_option "$path" "${prefix%=}"
              elif [[ ! $after && $cur == -* ]]; then
                  takes="=$options"
              elif [[ $subcommands ]]; then
                  [[ $count -gt 0 ]] || takes="=$subcommands"
              elif [[ ${#places[@]} -gt 0 ]]; then
                  local last=${places[${#places[@]}-1]}
                  [[ $last == '*'* ]] || last=''
                  takes=${places[count]-$last}
                  takes=${takes#'*'}
              fi
          fi

          case $takes in
              =*) mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "${takes#=}" -- "$cur") ;;
              file) compopt -o default 2>/dev/null ;;
              command)
                  if [[ ! $after ]]; then
                      COMPREPLY=(--)
                  elif [[ $count -gt 1 || $cur == */* ]]; then
                      compopt -o default 2>/dev/null
                  else
                      mapfile -t COMPREPLY < <(compgen -c -- "$cur")
                  fi
                  ;;
          esac
          COMPREPLY=("${COMPREPLY[@]#"$kept"}")
      }

      complete -F @ID@ @PROGRAM@
      """;

  private BashTemplate() {}
}
