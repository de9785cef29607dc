# bash completion for sqlite-safe, generated from its command model: do not edit.
# Source this file, or save it as sqlite-safe where bash-completion looks for scripts. Needs bash 4.

# Sets what command $1 (its words, '' for none yet) offers. The last of places repeats after '*'.
_sqlite_safe_command() {
    subcommands='' options='' places=()
    case $1 in
        '')
            subcommands="backup restore vacuum-into copy write read shell batch journal-mode checkpoint \
                with-lock inspect-lock break-stale access probe changeset integrity-check \
                recover doctor capabilities generate-completion help"
            options="-h --help -V --version"
            ;;
        'backup')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --method --keep-last --keep-daily \
                --keep-weekly --keep-monthly --metrics --if-changed --max-stall --verify \
                --foreign-keys --overwrite --make-directory --id --dry-run --manifest \
                --no-manifest --compress"
            places=("file" "any")
            ;;
        'restore')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --verify --drill --allow-empty --metrics \
                --foreign-keys"
            places=("file" "file" "*file")
            ;;
        'vacuum-into')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --max-stall --verify --foreign-keys \
                --overwrite --make-directory --id --dry-run --manifest --no-manifest \
                --compress"
            places=("file" "any")
            ;;
        'copy')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --max-stall --verify --foreign-keys \
                --overwrite --make-directory --id --dry-run --manifest --no-manifest \
                --compress"
            places=("file" "any")
            ;;
        'write')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --load-extension --in-place -f --file --param \
                --format --insert-table --rows --rows-format --when --expect --retries --dry-run \
                --create --page-size --application-id --user-version --changeset --patchset \
                --capture --verify-capture --resolve-pending --rowid-tables --require-complete"
            places=("file" "*any")
            ;;
        'read')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --heartbeat-interval --stale-after \
                --load-extension -f --file --param --format --insert-table"
            places=("file" "*any")
            ;;
        'shell')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --load-extension --read-only --atomic \
                --idle-rollback"
            places=("file")
            ;;
        'batch')
            options="--json -q --quiet --progress --color --debug -h --help --fail"
            ;;
        'journal-mode')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after"
            places=("file" "=delete wal")
            ;;
        'checkpoint')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --mode"
            places=("file")
            ;;
        'with-lock')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --on-lost"
            places=("file" "*command")
            ;;
        'inspect-lock')
            options="--json -q --quiet --progress --color --debug -h --help --heartbeat-interval \
                --stale-after --assume-local --assume-network --check --watch \
                --interval"
            places=("file")
            ;;
        'break-stale')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --heartbeat-interval --stale-after \
                --owner --foreign --force --dry-run"
            places=("file")
            ;;
        'access')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after"
            places=("file" "=trusted network-exclusive")
            ;;
        'probe')
            options="--json -q --quiet --progress --color --debug -h --help --peer --join --rounds \
                --time"
            places=("any")
            ;;
        'changeset')
            subcommands="apply export show verify invert concat rebase"
            options="-h --help"
            ;;
        'changeset apply')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --load-extension --in-place --on-conflict \
                --on --invert --ignore-noop --foreign-key-actions --dry-run --triggers \
                --rebase-out --rebuild --rebuild-fts --allow-nothing --changeset --patchset \
                --capture --verify-capture --resolve-pending --rowid-tables --require-complete"
            places=("file" "*file")
            ;;
        'changeset export')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after --load-extension --since -o --output \
                --patchset --tables --exclude --no-pages --verify --require-complete \
                --rowid-tables"
            places=("file")
            ;;
        'changeset show')
            options="--json -q --quiet --progress --color --debug -h --help --db --sql --stat --wait \
                --access --allow-links --assume-local --assume-network"
            places=("file")
            ;;
        'changeset verify')
            options="--json -q --quiet --progress --color --debug -h --help --db --rowid-tables \
                --wait --access --allow-links --assume-local --assume-network \
                --load-extension"
            places=("file")
            ;;
        'changeset invert')
            options="--json -q --quiet --progress --color --debug -h --help -o --output"
            places=("file")
            ;;
        'changeset concat')
            options="--json -q --quiet --progress --color --debug -h --help -o --output"
            places=("*file")
            ;;
        'changeset rebase')
            options="--json -q --quiet --progress --color --debug -h --help --using -o \
                --output"
            places=("file")
            ;;
        'integrity-check')
            options="--json -q --quiet --progress --color --debug -h --help --level --foreign-keys \
                --max-errors --jobs --wait --allow-links --load-extension"
            places=("*file")
            ;;
        'recover')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network --break --lock-log \
                --heartbeat-interval --stale-after -o --output --sql --deleted \
                --journal"
            places=("file")
            ;;
        'doctor')
            options="--json -q --quiet --progress --color --debug -h --help --wait --access \
                --allow-links --assume-local --assume-network"
            places=("file")
            ;;
        'capabilities')
            options="--json -q --quiet --progress --color --debug -h --help --schemas"
            places=("any")
            ;;
        'generate-completion')
            options="--json -q --quiet --progress --color --debug -h --help"
            places=("=bash zsh fish")
            ;;
        'help')
            places=("*=backup restore vacuum-into copy write read shell batch journal-mode \
                checkpoint with-lock inspect-lock break-stale access probe changeset \
                integrity-check recover doctor capabilities generate-completion \
                help")
            ;;
    esac
}

# Sets what option $2 of command $1 takes: '' nothing, '=...' one of these words, 'file', 'any'.
_sqlite_safe_option() {
    takes=''
    case "$1 $2" in
        *' --progress' | \
        *' --color') takes='=auto always never' ;;
        *' --wait' | \
        *' --heartbeat-interval' | \
        *' --stale-after' | \
        *' --keep-last' | \
        *' --keep-daily' | \
        *' --keep-weekly' | \
        *' --keep-monthly' | \
        *' --max-stall' | \
        *' --id' | \
        *' --load-extension' | \
        *' --param' | \
        *' --insert-table' | \
        *' --when' | \
        *' --expect' | \
        *' --retries' | \
        *' --page-size' | \
        *' --application-id' | \
        *' --user-version' | \
        *' --idle-rollback' | \
        *' --interval' | \
        *' --owner' | \
        *' --rounds' | \
        *' --time' | \
        *' --on' | \
        *' --tables' | \
        *' --exclude' | \
        *' --max-errors' | \
        *' --jobs') takes='any' ;;
        *' --access') takes='=trusted network-exclusive' ;;
        *' --break') takes='=never dead stale' ;;
        *' --lock-log' | \
        *' --metrics' | \
        *' -f' | \
        *' --file' | \
        *' --rows' | \
        *' --changeset' | \
        'write --patchset' | \
        'changeset apply --patchset' | \
        *' --peer' | \
        *' --rebase-out' | \
        *' --since' | \
        *' -o' | \
        *' --output' | \
        *' --db' | \
        *' --using') takes='file' ;;
        *' --method') takes='=auto online copy vacuum' ;;
        'backup --verify' | \
        'restore --verify' | \
        'vacuum-into --verify' | \
        'copy --verify') takes='=none quick full' ;;
        *' --foreign-keys') takes='=off note check' ;;
        *' --compress') takes='=none gzip zstd' ;;
        *' --format') takes='=table json jsonl csv tsv list insert markdown' ;;
        *' --rows-format') takes='=jsonl csv tsv' ;;
        *' --capture') takes='=auto triggers diff' ;;
        *' --mode') takes='=passive full restart truncate' ;;
        *' --on-lost') takes='=kill warn' ;;
        *' --on-conflict') takes='=abort omit replace' ;;
        *' --foreign-key-actions' | \
        *' --triggers') takes='=on off' ;;
        *' --level') takes='=quick full' ;;
        *' --journal') takes='=auto apply ignore' ;;
    esac
}

_sqlite_safe() {
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

    _sqlite_safe_command ''
    for word in "${words[@]:0:${#words[@]}-1}"; do
        if [[ $takes ]]; then
            takes=''
        elif [[ ! $after && $word == -- ]]; then
            after=1
        elif [[ ! $after && $word == -?* ]]; then
            _sqlite_safe_option "$path" "$word"
        elif [[ " $subcommands " == *" $word "* ]]; then
            path="${path:+$path }$word"
            _sqlite_safe_command "$path"
        else
            count=$((count + 1))
        fi
    done

    local prefix=''
    if [[ ! $takes ]]; then
        if [[ ! $after && $cur == --*=* ]]; then
            prefix="${cur%%=*}="
            cur=${cur#*=}
            _sqlite_safe_option "$path" "${prefix%=}"
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

complete -F _sqlite_safe sqlite-safe
