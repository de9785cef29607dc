# fish completion for sqlite-safe, generated from its command model: do not edit.
# Source this file, or save it as completions/sqlite-safe.fish in fish's configuration directory.

# Prints the command the words before the cursor lead to and how many positional parameters follow.
function __sqlite_safe_place
    set -l commands write read backup restore vacuum-into copy integrity-check recover doctor inspect-lock break-stale with-lock changeset "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" journal-mode checkpoint access shell probe batch capabilities generate-completion help
    set -l with_value --progress --color --wait --access --break --lock-log --heartbeat-interval --stale-after -f --file --param --format --insert-table --rows --rows-format --when --expect --retries --page-size --application-id --user-version --changeset "write --patchset" "changeset apply --patchset" --capture --method --keep-last --keep-daily --keep-weekly --keep-monthly --metrics --max-stall "backup --verify" "restore --verify" "vacuum-into --verify" "copy --verify" --foreign-keys --id --compress --level --max-errors --jobs -o --output --journal --interval --owner --on-lost --on-conflict --on --foreign-key-actions --triggers --rebase-out --since --tables --exclude --db --using --mode --idle-rollback --peer --rounds --time
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
complete -c sqlite-safe -n $at -a write -d 'Run SQL in one transaction, alone'
complete -c sqlite-safe -n $at -a read -d 'Run queries without changing anything'
complete -c sqlite-safe -n $at -a backup -d 'Make a consistent, verified copy while others write'
complete -c sqlite-safe -n $at -a restore -d 'Put a backup in place of the database'
complete -c sqlite-safe -n $at -a vacuum-into -d 'Make a compact copy'
complete -c sqlite-safe -n $at -a copy -d 'Copy the file under the lock'
complete -c sqlite-safe -n $at -a integrity-check -d 'Check databases and backups for damage'
complete -c sqlite-safe -n $at -a recover -d 'Get out of a damaged database what is in it'
complete -c sqlite-safe -n $at -a doctor -d 'Advise on a database and how it is set up'
complete -c sqlite-safe -n $at -a inspect-lock -d 'Show who holds the lock'
complete -c sqlite-safe -n $at -a break-stale -d 'Break the lock of a dead owner'
complete -c sqlite-safe -n $at -a with-lock -d 'Run a program while holding the lock'
complete -c sqlite-safe -n $at -a changeset -d 'Apply, show and combine changesets'
complete -c sqlite-safe -n $at -a journal-mode -d 'Show or change the journal mode'
complete -c sqlite-safe -n $at -a checkpoint -d 'Move the write-ahead log into the database'
complete -c sqlite-safe -n $at -a access -d 'Show or change the mode of access'
complete -c sqlite-safe -n $at -a shell -d 'Talk SQL with a database'
complete -c sqlite-safe -n $at -a probe -d 'Try out whether a file system is safe for databases'
complete -c sqlite-safe -n $at -a batch -d 'Answer requests from standard input'
complete -c sqlite-safe -n $at -a capabilities -d 'Show what this build and its SQLite can do'
complete -c sqlite-safe -n $at -a generate-completion -d 'Print a completion script for a shell'
complete -c sqlite-safe -n $at -a help -d 'Show help for a command'

set -l at '__sqlite_safe_parameter 0 0 changeset'
complete -c sqlite-safe -n $at -a apply -d 'Apply changesets to a database, or undo them'
complete -c sqlite-safe -n $at -a export -d 'Write how a database differs from an earlier copy of it'
complete -c sqlite-safe -n $at -a show -d 'Show what a changeset holds'
complete -c sqlite-safe -n $at -a verify -d 'Check that a changeset is well-formed, and fits a database'
complete -c sqlite-safe -n $at -a invert -d 'Make the changeset that undoes another'
complete -c sqlite-safe -n $at -a concat -d 'Make one changeset of several'
complete -c sqlite-safe -n $at -a rebase -d 'Fit a changeset to changes that were made elsewhere first'

set -l at '__sqlite_safe_parameter 0 0 write read backup vacuum-into copy recover doctor inspect-lock break-stale with-lock "changeset apply" "changeset export" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 0 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 1 1 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 2 999 restore'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 999 integrity-check "changeset concat"'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 1 999 with-lock'
complete -c sqlite-safe -n $at -a '(__sqlite_safe_command_line)'

set -l at '__sqlite_safe_parameter 1 999 "changeset apply"'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 0 0 "changeset show" "changeset verify" "changeset invert" "changeset rebase"'
complete -c sqlite-safe -n $at -F

set -l at '__sqlite_safe_parameter 1 1 journal-mode'
complete -c sqlite-safe -n $at -a 'delete wal'

set -l at '__sqlite_safe_parameter 1 1 access'
complete -c sqlite-safe -n $at -a 'trusted network-exclusive'

set -l at '__sqlite_safe_parameter 0 0 generate-completion'
complete -c sqlite-safe -n $at -a 'bash zsh fish'

set -l at '__sqlite_safe_parameter 0 999 help'
complete -c sqlite-safe -n $at -a 'write read backup restore vacuum-into copy integrity-check recover doctor inspect-lock break-stale with-lock changeset journal-mode checkpoint access shell probe batch capabilities generate-completion help'

set -l at '__sqlite_safe_at "" write read backup restore vacuum-into copy integrity-check recover doctor inspect-lock break-stale with-lock changeset "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" journal-mode checkpoint access shell probe batch capabilities generate-completion'
complete -c sqlite-safe -n $at -s h -l help -d 'Show this help'

set -l at '__sqlite_safe_at ""'
complete -c sqlite-safe -n $at -s V -l version -d 'Show the versions of this program, of SQLite and of the runtime'

set -l at '__sqlite_safe_at write read backup restore vacuum-into copy integrity-check recover doctor inspect-lock break-stale with-lock "changeset apply" "changeset export" "changeset show" "changeset verify" "changeset invert" "changeset concat" "changeset rebase" journal-mode checkpoint access shell probe batch capabilities generate-completion'
complete -c sqlite-safe -n $at -l json -d 'Print the result as one JSON object, and errors as one on standard error'
complete -c sqlite-safe -n $at -s q -l quiet -d 'Print no notes and no report of success'
complete -c sqlite-safe -n $at -l progress -x -a 'auto always never' -d 'Report waiting and progress: auto = on a terminal'
complete -c sqlite-safe -n $at -l color -x -a 'auto always never' -d 'Colour: auto = on a terminal'
complete -c sqlite-safe -n $at -l debug -d 'Print the causes of an error with their stack traces'

set -l at '__sqlite_safe_at write read backup restore vacuum-into copy recover doctor break-stale with-lock "changeset apply" "changeset export" "changeset show" "changeset verify" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -l wait -x -d 'How long to wait for the lock, and for SQLite\'s own locks'
complete -c sqlite-safe -n $at -l access -x -a 'trusted network-exclusive' -d 'Mode of access'

set -l at '__sqlite_safe_at write read backup restore vacuum-into copy integrity-check recover doctor break-stale with-lock "changeset apply" "changeset export" "changeset show" "changeset verify" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -l allow-links -d 'Go on although the file has other names (hard links, or a mount of the file alone), each of which has a lock and a journal of its own'

set -l at '__sqlite_safe_at write read backup restore vacuum-into copy recover doctor inspect-lock break-stale with-lock "changeset apply" "changeset export" "changeset show" "changeset verify" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -l assume-local -d 'Take the file system for one that only this host uses, whatever its type'
complete -c sqlite-safe -n $at -l assume-network -d 'Take it for one that several hosts use, with locks that work between them, whatever its type'

set -l at '__sqlite_safe_at write backup restore vacuum-into copy recover with-lock "changeset apply" "changeset export" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -l break -x -a 'never dead stale' -d 'Whose lock may be broken on the way'
complete -c sqlite-safe -n $at -l lock-log -r -F -d 'Append one JSON line to it for each lock that was taken, after its release'

set -l at '__sqlite_safe_at write read backup restore vacuum-into copy recover inspect-lock break-stale with-lock "changeset apply" "changeset export" journal-mode checkpoint access shell'
complete -c sqlite-safe -n $at -l heartbeat-interval -x -d 'How often an owner beats; default 10s'
complete -c sqlite-safe -n $at -l stale-after -x -d 'How long a silent owner is waited for before it counts as stale'

set -l at '__sqlite_safe_at write "changeset apply"'
complete -c sqlite-safe -n $at -l in-place -d 'In network-exclusive access, write into the file itself instead of replacing it'
complete -c sqlite-safe -n $at -l changeset -r -F -d 'Make FILE a changeset of what the transaction changes, published with the commit'
complete -c sqlite-safe -n $at -l patchset -r -F -d 'The same, as a patchset'
complete -c sqlite-safe -n $at -l capture -x -a 'auto triggers diff' -d 'How changes are noticed'
complete -c sqlite-safe -n $at -l verify-capture -d 'Capture by both methods, and roll back unless they agree'
complete -c sqlite-safe -n $at -l resolve-pending -d 'Finish or discard the changeset that another user\'s crashed writer has left, if there is one'
complete -c sqlite-safe -n $at -l require-complete -d 'Roll back and exit with 13 where a changeset cannot hold everything (virtual tables, tables without PRIMARY KEY, changes of the schema)'

set -l at '__sqlite_safe_at write read'
complete -c sqlite-safe -n $at -s f -l file -r -F -d 'Read SQL from FILE; may be repeated'
complete -c sqlite-safe -n $at -l param -x -d 'Bind :NAME, as text or as NAME:int=5, :real, :text, :blob=@FILE or x\'00ff\', :null, :json'
complete -c sqlite-safe -n $at -l format -x -a 'table json jsonl csv tsv list insert markdown' -d 'How to print rows'
complete -c sqlite-safe -n $at -l insert-table -x -d 'Name of the table in --format insert; default table'

set -l at '__sqlite_safe_at write'
complete -c sqlite-safe -n $at -l rows -r -F -d 'Run the one statement for each row of FILE'
complete -c sqlite-safe -n $at -l rows-format -x -a 'jsonl csv tsv' -d 'Format of --rows'
complete -c sqlite-safe -n $at -l when -x -d 'Write only if this returns a single true value in the transaction, else exit with 13'
complete -c sqlite-safe -n $at -l expect -x -d 'Write only if the SQL returns this single value, else exit with 13'
complete -c sqlite-safe -n $at -l retries -x -d 'Run the transaction up to N times more when SQLite\'s own locks are busy, within --wait'
complete -c sqlite-safe -n $at -l dry-run -d 'Do everything, then roll back'
complete -c sqlite-safe -n $at -l create -d 'Make the database if there is none'
complete -c sqlite-safe -n $at -l page-size -x -d 'Page size of a new database'
complete -c sqlite-safe -n $at -l application-id -x -d 'Application id of a new database'
complete -c sqlite-safe -n $at -l user-version -x -d 'User version of a new database'

set -l at '__sqlite_safe_at backup'
complete -c sqlite-safe -n $at -l method -x -a 'auto online copy vacuum' -d 'How to copy'
complete -c sqlite-safe -n $at -l keep-last -x -d 'Keep the last N backups of this database in the directory'
complete -c sqlite-safe -n $at -l keep-daily -x -d 'Keep the last backup of each of the last N days that have one'
complete -c sqlite-safe -n $at -l keep-weekly -x -d 'Keep the last one of each of N weeks'
complete -c sqlite-safe -n $at -l keep-monthly -x -d 'Keep the last one of each of N months'
complete -c sqlite-safe -n $at -l metrics -r -F -d 'Write the outcome to FILE, for the textfile collector of Prometheus\' node_exporter'
complete -c sqlite-safe -n $at -l if-changed -d 'Make no backup where nothing has changed since the last one'

set -l at '__sqlite_safe_at backup vacuum-into copy'
complete -c sqlite-safe -n $at -l max-stall -x -d 'For how long a writer may have to wait at most'
complete -c sqlite-safe -n $at -l verify -x -a 'none quick full' -d 'How thoroughly to check the copy before it is put in place'
complete -c sqlite-safe -n $at -l overwrite -d 'Replace any regular file at DEST'
complete -c sqlite-safe -n $at -l make-directory -d 'Make the directory of DEST where it is missing'
complete -c sqlite-safe -n $at -l id -x -d 'By which name the backups of this database are known, in place of machine and path'
complete -c sqlite-safe -n $at -l dry-run -d 'Only say what would be made, replaced and deleted'
complete -c sqlite-safe -n $at -l manifest -d 'Write DEST.json, with checksum, size and origin'
complete -c sqlite-safe -n $at -l no-manifest -d 'Write no DEST.json'
complete -c sqlite-safe -n $at -l compress -x -a 'none gzip zstd' -d 'Compress the copy'

set -l at '__sqlite_safe_at backup restore vacuum-into copy integrity-check'
complete -c sqlite-safe -n $at -l foreign-keys -x -a 'off note check' -d 'What to make of rows that refer to rows which are not there'

set -l at '__sqlite_safe_at restore'
complete -c sqlite-safe -n $at -l verify -x -a 'none quick full' -d 'How thoroughly to check the backup before it is used'
complete -c sqlite-safe -n $at -l drill -d 'Restore into a directory under TMPDIR and remove it again'
complete -c sqlite-safe -n $at -l allow-empty -d 'Restore a backup that holds no table, too'
complete -c sqlite-safe -n $at -l metrics -r -F -d 'With --drill'

set -l at '__sqlite_safe_at integrity-check'
complete -c sqlite-safe -n $at -l level -x -a 'quick full' -d 'How thoroughly'
complete -c sqlite-safe -n $at -l max-errors -x -d 'How many problems of each kind to report for a file'
complete -c sqlite-safe -n $at -l jobs -x -d 'How many files to check at the same time'
complete -c sqlite-safe -n $at -l wait -x -d 'How long to wait for SQLite\'s locks of a database that is being written'

set -l at '__sqlite_safe_at recover'
complete -c sqlite-safe -n $at -s o -l output -r -F -d 'The new database, which must not exist yet'
complete -c sqlite-safe -n $at -l sql -d 'Print the content as an SQL script in place of making a database'
complete -c sqlite-safe -n $at -l deleted -d 'Also rows that were deleted, as far as their pages were not used again'
complete -c sqlite-safe -n $at -l journal -x -a 'auto apply ignore' -d 'What to make of a rollback journal beside the file'

set -l at '__sqlite_safe_at inspect-lock'
complete -c sqlite-safe -n $at -l check -d 'Exit with 11 where the lock is held (dead and stale owners included), 15 where it is foreign'
complete -c sqlite-safe -n $at -l watch -d 'Look again and again until interrupted, and print one line a change, with the time'
complete -c sqlite-safe -n $at -l interval -x -d 'Pause between two looks of --watch; default 1s'

set -l at '__sqlite_safe_at break-stale'
complete -c sqlite-safe -n $at -l owner -x -d 'The lock\'s token, as inspect-lock shows it; needs --force'
complete -c sqlite-safe -n $at -l foreign -d 'Remove another program\'s empty lock directory'
complete -c sqlite-safe -n $at -l force -d 'Break without judgement; needs --owner or --foreign'
complete -c sqlite-safe -n $at -l dry-run -d 'Judge only; touch nothing'

set -l at '__sqlite_safe_at with-lock'
complete -c sqlite-safe -n $at -l on-lost -x -a 'kill warn' -d 'What to do if the lock is lost'

set -l at '__sqlite_safe_at "changeset apply"'
complete -c sqlite-safe -n $at -l on-conflict -x -a 'abort omit replace' -d 'What to do about every conflict'
complete -c sqlite-safe -n $at -l on -x -d 'What to do about one kind of conflict'
complete -c sqlite-safe -n $at -l invert -d 'Undo what the changesets did, the last one first'
complete -c sqlite-safe -n $at -l ignore-noop -d 'Do not take it for a conflict where a change is there already'
complete -c sqlite-safe -n $at -l foreign-key-actions -x -a 'on off' -d 'Whether actions of the database\'s foreign keys run (on delete cascade and the like), as SQLite\'s own apply lets them'
complete -c sqlite-safe -n $at -l dry-run -d 'Do everything, tell every conflict, then roll back'
complete -c sqlite-safe -n $at -l triggers -x -a 'on off' -d 'Whether triggers of the database fire'
complete -c sqlite-safe -n $at -l rebase-out -r -F -d 'Write what became of conflicts to FILE, for changeset rebase'
complete -c sqlite-safe -n $at -l rebuild -l rebuild-fts -d 'Build full-text indexes again that drifted from their tables'
complete -c sqlite-safe -n $at -l allow-nothing -d 'It is no error if nothing could be applied'

set -l at '__sqlite_safe_at "changeset export"'
complete -c sqlite-safe -n $at -l since -r -F -d 'The database to start from: a backup, compressed or not, say'
complete -c sqlite-safe -n $at -l patchset -d 'Write a patchset: smaller, but without old values'
complete -c sqlite-safe -n $at -l tables -x -d 'Only this table; may be repeated'
complete -c sqlite-safe -n $at -l exclude -x -d 'Not this table; may be repeated'
complete -c sqlite-safe -n $at -l no-pages -d 'Compare all rows, whatever the pages tell'
complete -c sqlite-safe -n $at -l verify -d 'Compare all rows too, and fail unless the result is the same'
complete -c sqlite-safe -n $at -l require-complete -d 'Write nothing and exit with 13 where something differs that a changeset cannot hold (virtual tables, tables without PRIMARY KEY, rows with NULL in their key)'

set -l at '__sqlite_safe_at "changeset export" "changeset invert" "changeset concat" "changeset rebase"'
complete -c sqlite-safe -n $at -s o -l output -r -F -d 'Where to write the result, in place of a former file once it is complete'

set -l at '__sqlite_safe_at "changeset show"'
complete -c sqlite-safe -n $at -l db -r -F -d 'Take the names of columns from this database\'s tables'
complete -c sqlite-safe -n $at -l sql -d 'Print SQL statements that do the same'
complete -c sqlite-safe -n $at -l stat -d 'Count only: changes of each table'

set -l at '__sqlite_safe_at "changeset verify"'
complete -c sqlite-safe -n $at -l db -r -F -d 'Compare with this database'

set -l at '__sqlite_safe_at "changeset rebase"'
complete -c sqlite-safe -n $at -l using -r -F -d 'A file of changeset apply --rebase-out'

set -l at '__sqlite_safe_at checkpoint'
complete -c sqlite-safe -n $at -l mode -x -a 'passive full restart truncate' -d 'How much to move, and whether to wait'

set -l at '__sqlite_safe_at shell'
complete -c sqlite-safe -n $at -l read-only -d 'Refuse whatever would write'
complete -c sqlite-safe -n $at -l atomic -d 'Run piped input as one transaction: all of it, or nothing'
complete -c sqlite-safe -n $at -l idle-rollback -x -d 'Roll back a transaction in which nothing has happened for so long'

set -l at '__sqlite_safe_at probe'
complete -c sqlite-safe -n $at -l peer -r -F -d 'The same directory by another mount on this host, for one of the two processes'
complete -c sqlite-safe -n $at -l join -d 'Wait for a process on another host, which was told the same, and probe together'
complete -c sqlite-safe -n $at -l rounds -x -d 'Rounds of each race; default 100'
complete -c sqlite-safe -n $at -l time -x -d 'How long it may take, about'

set -l at '__sqlite_safe_at batch'
complete -c sqlite-safe -n $at -l fail -d 'Exit with the worst status of all answers'
