# fish completion for sqlite-safe, generated from its command model: do not edit.
# Source this file, or save it as completions/sqlite-safe.fish in fish's configuration directory.

# Prints the command the words before the cursor lead to and how many positional parameters follow.
function __sqlite_safe_place
    set -l commands backup restore vacuum-into copy write read shell batch journal-mode checkpoint with-lock inspect-lock break-stale access probe changeset "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" integrity-check recover doctor capabilities generate-completion help
    set -l with_value --progress --color --wait --access --break --lock-log --heartbeat-interval --stale-after --method --keep-last --keep-daily --keep-weekly --keep-monthly --metrics --max-stall "backup --verify" "restore --verify" "vacuum-into --verify" "copy --verify" --foreign-keys --id --compress --load-extension -f --file --param --format --insert-table --rows --rows-format --when --expect --retries --page-size --application-id --user-version --changeset "write --patchset" "changeset apply --patchset" --capture --idle-rollback --mode --on-lost --interval --owner --peer --rounds --time --on-conflict --on --foreign-key-actions --triggers --rebase-out --since -o --output --tables --exclude --db --using --level --max-errors --jobs --journal
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
    printf '%s\n' $command $count
end

# Is the command one of these?
function __sqlite_safe_at
    set -l place (__sqlite_safe_place)
    contains -- "$place[1]" $argv
end

# Is the cursor at the positional parameters $argv[1] to $argv[2] of one of the commands after them?
function __sqlite_safe_parameter
    set -l place (__sqlite_safe_place)
    test $place[2] -ge $argv[1]; and test $place[2] -le $argv[2]
    and contains -- "$place[1]" $argv[3..]
end

# Completes the command line after '--'.
function __sqlite_safe_command_line
    set -l words (commandline -opc)
    if set -l start (contains -i -- -- $words)
        set -l inner (string escape -- $words[(math $start + 1)..])
        complete -C (string join ' ' -- $inner (commandline -ct))
    end
end

complete -c sqlite-safe -f

set -l at '__sqlite_safe_parameter 0 0 ""'
complete -c sqlite-safe -n $at -a backup -d 'Make a consistent, verified copy while others write'
complete -c sqlite-safe -n $at -a restore -d 'Put a backup in place of the database'
complete -c sqlite-safe -n $at -a vacuum-into -d 'Make a compact copy'
complete -c sqlite-safe -n $at -a copy -d 'Copy the file under the lock'
complete -c sqlite-safe -n $at -a write -d 'Run SQL in one transaction while holding the write lock'
complete -c sqlite-safe -n $at -a read -d 'Run queries without changing anything'
complete -c sqlite-safe -n $at -a shell -d 'Open an interactive SQL shell'
complete -c sqlite-safe -n $at -a batch -d 'Answer requests from standard input'
complete -c sqlite-safe -n $at -a journal-mode -d 'Show or change the journal mode'
complete -c sqlite-safe -n $at -a checkpoint -d 'Move the write-ahead log into the database'
complete -c sqlite-safe -n $at -a with-lock -d 'Run a program while holding the lock'
complete -c sqlite-safe -n $at -a inspect-lock -d 'Show who holds the lock'
complete -c sqlite-safe -n $at -a break-stale -d 'Break the lock of a dead owner'
complete -c sqlite-safe -n $at -a access -d 'Show or change the mode of access'
complete -c sqlite-safe -n $at -a probe -d 'Try out whether a file system is safe for databases'
complete -c sqlite-safe -n $at -a changeset -d 'Apply, show and combine changesets'
complete -c sqlite-safe -n $at -a integrity-check -d 'Check databases and backups for damage'
complete -c sqlite-safe -n $at -a recover -d 'Salvage what can be read from a damaged database'
complete -c sqlite-safe -n $at -a doctor -d 'Advise on a database and how it is set up'
complete -c sqlite-safe -n $at -a capabilities -d 'Show what this build and its SQLite can do'
complete -c sqlite-safe -n $at -a generate-completion -d 'Print a completion script for a shell'
complete -c sqlite-safe -n $at -a help -d 'Show help for a command'

set -l at '__sqlite_safe_parameter 0 0 changeset'
complete -c sqlite-safe -n $at -a apply -d 'Apply changesets to a database, or undo them'
complete -c sqlite-safe -n $at -a export -d 'Write how a database differs from an earlier copy of it'
complete -c sqlite-safe -n $at -a show -d 'Show what a changeset holds'
complete -c sqlite-safe -n $at -a verify -d 'Check that a changeset is well-formed and fits a database'
complete -c sqlite-safe -n $at -a invert -d 'Make the changeset that undoes another'
complete -c sqlite-safe -n $at -a concat -d 'Make one changeset of several'
complete -c sqlite-safe -n $at -a rebase -d 'Adapt a changeset to changes that were made elsewhere first'

set -l at '__sqlite_safe_parameter 0 0 backup vacuum-into copy write read shell journal-mode checkpoint with-lock inspect-lock break-stale access "changeset apply" "changeset export" recover doctor'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 0 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 1 1 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 2 999 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 1 1 journal-mode'
complete -c sqlite-safe -n $at -a 'delete wal'

set -l at '__sqlite_safe_parameter 1 999 with-lock'
complete -c sqlite-safe -n $at -a '(__sqlite_safe_command_line)'

set -l at '__sqlite_safe_parameter 1 1 access'
complete -c sqlite-safe -n $at -a 'trusted network-exclusive'

set -l at '__sqlite_safe_parameter 1 999 "changeset apply"'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 0 "changeset show" "changeset verify" "changeset invert" "changeset rebase"'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 999 "changeset concat" integrity-check'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 0 generate-completion'
complete -c sqlite-safe -n $at -a 'bash zsh fish'

set -l at '__sqlite_safe_parameter 0 999 help'
complete -c sqlite-safe -n $at -a 'backup restore vacuum-into copy write read shell batch journal-mode checkpoint with-lock inspect-lock break-stale access probe changeset integrity-check recover doctor capabilities generate-completion help'

set -l at '__sqlite_safe_at "" backup restore vacuum-into copy write read shell batch journal-mode checkpoint with-lock inspect-lock break-stale access probe changeset "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" integrity-check recover doctor capabilities generate-completion'
complete -c sqlite-safe -n $at -s h -l help -d 'Show this help'

set -l at '__sqlite_safe_at ""'
complete -c sqlite-safe -n $at -s V -l version -d 'Show the versions of this program, of SQLite and of the runtime'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write read shell batch journal-mode checkpoint with-lock inspect-lock break-stale access probe "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" integrity-check recover doctor capabilities generate-completion'
complete -c sqlite-safe -n $at -l json -d 'Print the result as one JSON object, and an error as one on standard error'
complete -c sqlite-safe -n $at -s q -l quiet -d 'Print only requested output, warnings and errors'
complete -c sqlite-safe -n $at -l progress -x -a 'auto always never' -d 'When to report waiting and progress: auto = on a terminal'
complete -c sqlite-safe -n $at -l color -x -a 'auto always never' -d 'When to use colour: auto = on a terminal'
complete -c sqlite-safe -n $at -l debug -d 'Print the causes of an error with stack traces'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write read shell journal-mode checkpoint with-lock break-stale access "changeset apply" "changeset export" "changeset show" "changeset verify" recover doctor'
complete -c sqlite-safe -n $at -l wait -x -d 'How long to wait for the lock, and for SQLite\'s own locks'
complete -c sqlite-safe -n $at -l access -x -a 'trusted network-exclusive' -d 'Refuse (15) a database that is not marked for this mode of access'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write read shell journal-mode checkpoint with-lock break-stale access "changeset apply" "changeset export" "changeset show" "changeset verify" integrity-check recover doctor'
complete -c sqlite-safe -n $at -l allow-links -d 'Go on although the file has other names (hard links, or a mount of the file alone), each with a lock and a journal of its own'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write read shell journal-mode checkpoint with-lock inspect-lock break-stale access "changeset apply" "changeset export" "changeset show" "changeset verify" recover doctor'
complete -c sqlite-safe -n $at -l assume-local -d 'Treat the file system as one that only this host uses, whatever its type'
complete -c sqlite-safe -n $at -l assume-network -d 'Treat the file system as one that several hosts use, with locks that work between them, whatever its type'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write shell journal-mode checkpoint with-lock access "changeset apply" "changeset export" recover'
complete -c sqlite-safe -n $at -l break -x -a 'never dead stale' -d 'Which locks may be broken'
complete -c sqlite-safe -n $at -l lock-log -r -F -d 'Append one JSON line to it for each lock that was taken, after its release'

set -l at '__sqlite_safe_at backup restore vacuum-into copy write read shell journal-mode checkpoint with-lock inspect-lock break-stale access "changeset apply" "changeset export" recover'
complete -c sqlite-safe -n $at -l heartbeat-interval -x -d 'Heartbeat interval of the lock\'s owner; default 10s'
complete -c sqlite-safe -n $at -l stale-after -x -d 'How long an owner may send no heartbeat before it counts as stale'

set -l at '__sqlite_safe_at backup'
complete -c sqlite-safe -n $at -l method -x -a 'auto online copy vacuum' -d 'How to copy'
complete -c sqlite-safe -n $at -l keep-last -x -d 'Keep the last N backups of this database in the directory'
complete -c sqlite-safe -n $at -l keep-daily -x -d 'Keep the last backup of each of the last N days that have one'
complete -c sqlite-safe -n $at -l keep-weekly -x -d 'Keep the last backup of each of the last N weeks that have one'
complete -c sqlite-safe -n $at -l keep-monthly -x -d 'Keep the last backup of each of the last N months that have one'
complete -c sqlite-safe -n $at -l metrics -r -F -d 'Write the outcome to FILE for the textfile collector of Prometheus\' node_exporter'
complete -c sqlite-safe -n $at -l if-changed -d 'Skip the backup if nothing has changed since the last one'

set -l at '__sqlite_safe_at backup vacuum-into copy'
complete -c sqlite-safe -n $at -l max-stall -x -d 'How long a writer may have to wait at most'
complete -c sqlite-safe -n $at -l verify -x -a 'none quick full' -d 'How thorough the check of the copy is before it is put in place'
complete -c sqlite-safe -n $at -l overwrite -d 'Replace any regular file at DEST'
complete -c sqlite-safe -n $at -l make-directory -d 'Make the directory of DEST if it is missing'
complete -c sqlite-safe -n $at -l id -x -d 'A name by which the backups of this database are known, instead of machine and path'
complete -c sqlite-safe -n $at -l dry-run -d 'Only report what would be made, replaced and deleted'
complete -c sqlite-safe -n $at -l manifest -d 'Write DEST.json, with checksum, size and origin'
complete -c sqlite-safe -n $at -l no-manifest -d 'Write no DEST.json'
complete -c sqlite-safe -n $at -l compress -x -a 'none gzip zstd' -d 'How to compress the copy'

set -l at '__sqlite_safe_at backup restore vacuum-into copy integrity-check'
complete -c sqlite-safe -n $at -l foreign-keys -x -a 'off note check' -d 'What a check makes of rows that refer to missing rows'

set -l at '__sqlite_safe_at restore'
complete -c sqlite-safe -n $at -l verify -x -a 'none quick full' -d 'How thorough the check of the backup is before it is used'
complete -c sqlite-safe -n $at -l drill -d 'Restore into a scratch directory in TMPDIR and remove it again'
complete -c sqlite-safe -n $at -l allow-empty -d 'Restore even a backup that holds no tables'
complete -c sqlite-safe -n $at -l metrics -r -F -d 'With --drill'

set -l at '__sqlite_safe_at write read shell "changeset apply" "changeset export" "changeset verify" integrity-check'
complete -c sqlite-safe -n $at -l load-extension -x -d 'Load an extension of SQLite, for functions, collations and modules that the schema needs (mod_spatialite, ICU, a vector search)'

set -l at '__sqlite_safe_at write "changeset apply"'
complete -c sqlite-safe -n $at -l in-place -d 'In network-exclusive access, write into the file itself instead of replacing it'
complete -c sqlite-safe -n $at -l changeset -r -F -d 'Write a changeset of what the transaction changes to FILE, which appears together with the commit'
complete -c sqlite-safe -n $at -l patchset -r -F -d 'As --changeset, but write a patchset'
complete -c sqlite-safe -n $at -l capture -x -a 'auto triggers diff' -d 'How changes are noticed'
complete -c sqlite-safe -n $at -l verify-capture -d 'Capture by both methods, and roll back unless they agree'
complete -c sqlite-safe -n $at -l resolve-pending -d 'Publish or discard a changeset that another user\'s crashed writer has left'
complete -c sqlite-safe -n $at -l require-complete -d 'Roll back and exit with 13 if a changeset cannot hold everything (virtual tables, tables without PRIMARY KEY, schema changes)'

set -l at '__sqlite_safe_at write read'
complete -c sqlite-safe -n $at -s f -l file -r -F -d 'Read SQL from FILE; may be repeated'
complete -c sqlite-safe -n $at -l param -x -d 'Bind the parameter :NAME, as text, or as the type in NAME:TYPE=VALUE'
complete -c sqlite-safe -n $at -l format -x -a 'table json jsonl csv tsv list insert markdown' -d 'How to print rows'
complete -c sqlite-safe -n $at -l insert-table -x -d 'Name of the table in --format insert; default table'

set -l at '__sqlite_safe_at write'
complete -c sqlite-safe -n $at -l rows -r -F -d 'Run the statement, of which there must be one, for each row of FILE'
complete -c sqlite-safe -n $at -l rows-format -x -a 'jsonl csv tsv' -d 'Format of --rows'
complete -c sqlite-safe -n $at -l when -x -d 'Write only if this query returns a single true value in the transaction'
complete -c sqlite-safe -n $at -l expect -x -d 'Write only if the query returns this single value'
complete -c sqlite-safe -n $at -l retries -x -d 'Retry the transaction up to N times within --wait if SQLite\'s own locks are busy'
complete -c sqlite-safe -n $at -l dry-run -d 'Do everything, then roll back'
complete -c sqlite-safe -n $at -l create -d 'Create the database if it does not exist'
complete -c sqlite-safe -n $at -l page-size -x -d 'Page size of a new database'
complete -c sqlite-safe -n $at -l application-id -x -d 'Application id of a new database'
complete -c sqlite-safe -n $at -l user-version -x -d 'User version of a new database'

set -l at '__sqlite_safe_at write "changeset apply" "changeset export" "changeset verify"'
complete -c sqlite-safe -n $at -l rowid-tables -d 'Tables without PRIMARY KEY too, their rows told apart by their rowids, as SQLite\'s session extension has it by SQLITE_SESSION_OBJCONFIG_ROWID'

set -l at '__sqlite_safe_at shell'
complete -c sqlite-safe -n $at -l read-only -d 'Refuse statements that write'
complete -c sqlite-safe -n $at -l atomic -d 'Run piped input as one transaction, all or nothing'
complete -c sqlite-safe -n $at -l idle-rollback -x -d 'Roll back a transaction that has been idle for this long'

set -l at '__sqlite_safe_at batch'
complete -c sqlite-safe -n $at -l fail -d 'Exit with the worst status of all answers'

set -l at '__sqlite_safe_at checkpoint'
complete -c sqlite-safe -n $at -l mode -x -a 'passive full restart truncate' -d 'How much to move, and whether to wait'

set -l at '__sqlite_safe_at with-lock'
complete -c sqlite-safe -n $at -l on-lost -x -a 'kill warn' -d 'What to do if the lock is lost'

set -l at '__sqlite_safe_at inspect-lock'
complete -c sqlite-safe -n $at -l check -d 'Exit with 11 if the lock is held, even by a dead or stale owner, and with 15 if it is foreign'
complete -c sqlite-safe -n $at -l watch -d 'Look repeatedly until interrupted, and print one line a change, with the time'
complete -c sqlite-safe -n $at -l interval -x -d 'Time between two looks of --watch; default 1s'

set -l at '__sqlite_safe_at break-stale'
complete -c sqlite-safe -n $at -l owner -x -d 'The lock\'s token, as inspect-lock shows it; needs --force'
complete -c sqlite-safe -n $at -l foreign -d 'Remove another program\'s empty lock directory'
complete -c sqlite-safe -n $at -l force -d 'Break without judgement; needs --owner or --foreign'
complete -c sqlite-safe -n $at -l dry-run -d 'Judge only; touch nothing'

set -l at '__sqlite_safe_at probe'
complete -c sqlite-safe -n $at -l peer -r -F -d 'The same directory through another mount on this host, for one of the two processes'
complete -c sqlite-safe -n $at -l join -d 'Wait for a probe that is started in the same way on another host, and probe together'
complete -c sqlite-safe -n $at -l rounds -x -d 'Rounds of each race; default 100'
complete -c sqlite-safe -n $at -l time -x -d 'How long it may take, about'

set -l at '__sqlite_safe_at "changeset apply"'
complete -c sqlite-safe -n $at -l on-conflict -x -a 'abort omit replace' -d 'How to resolve every conflict'
complete -c sqlite-safe -n $at -l on -x -d 'How to resolve one kind of conflict'
complete -c sqlite-safe -n $at -l invert -d 'Undo what the changesets did, the last one first'
complete -c sqlite-safe -n $at -l ignore-noop -d 'Do not treat it as a conflict if a change is already there'
complete -c sqlite-safe -n $at -l foreign-key-actions -x -a 'on off' -d 'Whether foreign-key actions (ON DELETE CASCADE and the like) run, as they do in SQLite\'s own apply'
complete -c sqlite-safe -n $at -l dry-run -d 'Do everything, report every conflict, then roll back'
complete -c sqlite-safe -n $at -l triggers -x -a 'on off' -d 'Whether the database\'s triggers fire'
complete -c sqlite-safe -n $at -l rebase-out -r -F -d 'Write how conflicts were resolved to FILE, for changeset rebase'
complete -c sqlite-safe -n $at -l rebuild -l rebuild-fts -d 'Rebuild full-text indexes that no longer match their tables'
complete -c sqlite-safe -n $at -l allow-nothing -d 'Do not fail if nothing could be applied'

set -l at '__sqlite_safe_at "changeset export"'
complete -c sqlite-safe -n $at -l since -r -F -d 'The database to start from, such as a backup, compressed or not'
complete -c sqlite-safe -n $at -l patchset -d 'Write a patchset: smaller, but without old values'
complete -c sqlite-safe -n $at -l tables -x -d 'Only this table; may be repeated'
complete -c sqlite-safe -n $at -l exclude -x -d 'Not this table; may be repeated'
complete -c sqlite-safe -n $at -l no-pages -d 'Compare all rows, not only those on pages that differ'
complete -c sqlite-safe -n $at -l verify -d 'Compare all rows too, and fail unless the result is the same'
complete -c sqlite-safe -n $at -l require-complete -d 'Write nothing and exit with 13 if there are differences that a changeset cannot hold (virtual tables, tables without PRIMARY KEY, rows with NULL in their key)'

set -l at '__sqlite_safe_at "changeset export" "changeset invert" "changeset concat" "changeset rebase"'
complete -c sqlite-safe -n $at -s o -l output -r -F -d 'Where to write the result, which replaces an existing file once it is complete'

set -l at '__sqlite_safe_at "changeset show"'
complete -c sqlite-safe -n $at -l db -r -F -d 'Take column names from this database'
complete -c sqlite-safe -n $at -l sql -d 'Print SQL statements that do the same'
complete -c sqlite-safe -n $at -l stat -d 'Print only how many changes there are for each table'

set -l at '__sqlite_safe_at "changeset verify"'
complete -c sqlite-safe -n $at -l db -r -F -d 'Compare with this database'

set -l at '__sqlite_safe_at "changeset rebase"'
complete -c sqlite-safe -n $at -l using -r -F -d 'A file that changeset apply --rebase-out wrote'

set -l at '__sqlite_safe_at integrity-check'
complete -c sqlite-safe -n $at -l level -x -a 'quick full' -d 'How thorough the check is'
complete -c sqlite-safe -n $at -l max-errors -x -d 'How many problems of each kind to report for a file'
complete -c sqlite-safe -n $at -l jobs -x -d 'How many files to check at the same time'
complete -c sqlite-safe -n $at -l wait -x -d 'How long to wait for SQLite\'s locks if a database is being written'

set -l at '__sqlite_safe_at recover'
complete -c sqlite-safe -n $at -s o -l output -r -F -d 'The new database, which must not exist yet'
complete -c sqlite-safe -n $at -l sql -d 'Print the content as an SQL script instead of making a database'
complete -c sqlite-safe -n $at -l deleted -d 'Also salvage deleted rows whose place was not reused, into the table deleted_rows'
complete -c sqlite-safe -n $at -l journal -x -a 'auto apply ignore' -d 'What to do with a rollback journal beside the file'

set -l at '__sqlite_safe_at capabilities'
complete -c sqlite-safe -n $at -l schemas -d 'Print only the JSON Schema of what the commands print with --json'
