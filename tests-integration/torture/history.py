"""What was done, and whether it may have been. Times are the torture's own monotonic clock: an operation happened
somewhere between its start and its end, so every rule here holds however slow messages are."""
import dataclasses
import sqlite3
import threading

DONE, DENIED, UNKNOWN, DAMAGED = "done", "denied", "unknown", "damaged"


@dataclasses.dataclass
class Operation:
    kind: str  # write, read, backup, hold
    identity: str
    who: str
    start: float
    end: float = 0.0
    outcome: str = UNKNOWN
    seq: int | None = None
    whole: bool = True      # of a read: it saw one state and not parts of two
    kept: tuple | None = None  # of a hold: since when it had the lock, and when its last, successful check began
    why: str = ""


class History:
    """All operations of one run. Threads add to it."""

    def __init__(self):
        self.operations, self.mutex = [], threading.Lock()

    def add(self, operation):
        with self.mutex:
            self.operations.append(operation)

    def of(self, *kinds):
        return [o for o in self.operations if o.kind in kinds]

    def acknowledged(self):
        return [o for o in self.of("write") if o.outcome == DONE]


def read_database(path):
    """(problems, rows of the ledger, counter) of a copy that nobody uses."""
    try:
        connection = sqlite3.connect(path)
        try:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            rows = connection.execute("SELECT seq, id FROM ledger ORDER BY rowid").fetchall()
            counter, = connection.execute("SELECT n FROM counter").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return [f"malformed: {error}"], [], 0
    return ([] if found == ["ok"] else ["malformed: " + "; ".join(found[:3])]), rows, counter


def violations(history, problems, rows, counter):
    """Every broken promise as one line; no line means that all were kept."""
    found = list(problems)
    found += [f"{o.kind} by {o.who} found the database damaged: {o.why}" for o in history.operations if o.outcome == DAMAGED]
    found += check_final(history, rows, counter)
    found += check_order(history.acknowledged())
    found += check_reads(history, counter)
    found += check_holds(history)
    return found


def check_final(history, rows, counter):
    where = {}
    for seq, identity in rows:
        where.setdefault(identity, []).append(seq)
    found = [f"write {i} is there {len(s)} times" for i, s in where.items() if len(s) > 1]
    if sorted(seq for seq, _ in rows) != list(range(1, len(rows) + 1)) or counter != len(rows):
        found.append(f"lost update: {len(rows)} rows, {len({s for s, _ in rows})} numbers, counter {counter}")
    for o in history.of("write"):
        if o.outcome == DONE and o.identity not in where:
            found.append(f"lost: acknowledged write {o.identity} (number {o.seq}) by {o.who}" + instead(history, rows, o.seq))
        elif o.outcome == DONE and o.seq not in where[o.identity]:
            found.append(f"write {o.identity} was acknowledged as {o.seq}, and is {where[o.identity]}")
        elif o.outcome == DENIED and o.identity in where:
            found.append(f"write {o.identity} by {o.who} was said not to be done, and is: {o.why}")
    return found


def instead(history, rows, seq):
    """Who did not see it: that number is somebody else's."""
    identity = next((i for s, i in rows if s == seq), None)
    return "".join(f"; that number has {o.identity} by {o.who}" for o in history.of("write") if o.identity == identity)


def check_order(acknowledged):
    """A write that began after another had ended has the higher number."""
    found, highest = [], None
    ends = sorted(acknowledged, key=lambda o: o.end)
    done = 0
    for o in sorted(acknowledged, key=lambda o: o.start):
        while done < len(ends) and ends[done].end < o.start:
            if highest is None or ends[done].seq > highest.seq:
                highest = ends[done]
            done += 1
        if highest is not None and o.seq <= highest.seq:
            found.append(f"write {o.identity} (number {o.seq}) began after {highest.identity} (number {highest.seq}) had ended")
    return found


def check_reads(history, counter):
    found = []
    for read in history.of("read", "backup"):
        if read.outcome != DONE:
            continue
        must = max((w.seq for w in history.acknowledged() if w.end < read.start), default=0)
        if not read.whole:
            found.append(f"{read.kind} by {read.who} saw parts of different states: {read.why}")
        elif read.seq < must:
            found.append(f"{read.kind} by {read.who} saw state {read.seq}, though {must} had been acknowledged before")
        elif read.seq > counter:
            found.append(f"{read.kind} by {read.who} saw state {read.seq}, which was never committed")
    return found


def check_holds(history):
    """Between "held" and a later check that says "still held" nobody else can have owned the lock."""
    found = []
    holds = [o for o in history.of("hold") if o.kept]
    for hold in holds:
        since, until = hold.kept
        found += [f"write {w.identity} by {w.who} began and ended while {hold.who} held the lock all the time"
                  for w in history.acknowledged() if since < w.start and w.end < until]
        found += [f"{other.who} held the lock while {hold.who} did" for other in holds
                  if other is not hold and since < other.kept[0] < until]
    return found
