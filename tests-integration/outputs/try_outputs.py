#!/usr/bin/env python3
"""Tries names of outputs that must not be written to, with every option and command that has an output.

Run it in a mount namespace of its own, as root:
  unshare -m -u python3 try_outputs.py --launcher sqlite-safe --work EMPTY-DIRECTORY [--all]
After each call the database, its companions, inputs, devices, directories and files of the system must be what they
were, and no lock may be left. Prints one JSON object; exit status 1 where there was harm.
"""
import argparse, hashlib, json, os, select, shutil, socket, sqlite3, stat, subprocess, sys, tempfile

parser = argparse.ArgumentParser()
parser.add_argument("--launcher", required=True)
parser.add_argument("--work", required=True, help="an empty directory, on which a tmpfs is mounted")
parser.add_argument("--all", action="store_true", help="all names with all commands")
parser.add_argument("--harmful", action="store_true", help="writes a byte to each name that copy is given, which must be found")
options = parser.parse_args()
SAFE = options.launcher


def sh(*words, **more):
    return subprocess.run(words, capture_output=True, timeout=120, **more)


# ---- the place: everything that could come to harm lies in file systems of this namespace alone
sh("mount", "--make-rprivate", "/", check=True)
base = os.path.realpath(options.work)
sh("mount", "-t", "tmpfs", "none", base, check=True)
os.mkdir(base + "/etc")
sh("cp", "-a", "/etc/.", base + "/etc")
sh("mount", "--bind", base + "/etc", "/etc", check=True)
os.makedirs(base + "/w/dir")
os.chdir(base + "/w")
HERE = os.getcwd()
os.mkdir(base + "/alias")
sh("mount", "--bind", HERE, base + "/alias", check=True)
os.symlink(HERE, base + "/link")
os.mkdir("dev")
for name, kind, major, minor in [("null", stat.S_IFCHR, 1, 3), ("zero", stat.S_IFCHR, 1, 5), ("full", stat.S_IFCHR, 1, 7),
                                 ("block", stat.S_IFBLK, 7, 200)]:
    os.mknod("dev/" + name, 0o666 | kind, os.makedev(major, minor))


def sql(file, text):
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript(text)
    connection.close()


TABLE = "CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES(1,'one'),(2,'two');"
sql("app.db", TABLE)
sql("base.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES(1,'one');")
sql("other.db", TABLE)
with open("other.db-wal", "wb"):
    pass
with open("base.db-wal", "wb"):
    pass
sh(SAFE, "changeset", "export", "app.db", "--since", "base.db", "-o", "in.cs", check=True)
shutil.copy("in.cs", "in2.cs")
sh(SAFE, "changeset", "apply", "base.db", "in.cs", "--rebase-out", "rebase", "--dry-run")
shutil.copy("in.cs", "rebase.in")
sh(SAFE, "backup", "app.db", "bk.db", check=True)
sh(SAFE, "backup", "app.db", "bk.db.zst", "--compress", "zstd", check=True)
for name, text in [("rows.csv", "id\n1\n"), ("script.sql", "SELECT 1;\n")]:
    with open(name, "w") as file:
        file.write(text)
os.mkfifo("fifo")
listening = socket.socket(socket.AF_UNIX)
listening.bind("socket")
os.chmod("app.db", 0o644)
OPEN = os.open("app.db", os.O_RDONLY)  # children see it as /proc/self/fd/N

# ---- names: (what is meant, how it is called)
COMPANIONS = ["-journal", "-wal", "-shm", ".lock", ".lock/owner.json", ".lock.readers", ".lock.new.0123", ".lock.work.0123",
              ".lock.probe.0123", ".changeset-pending", ".changeset-pending.0123", "-mj0123ABCD"]
DATABASE = ["app.db"] + ["app.db" + suffix for suffix in COMPANIONS]
BASELINE = ["base.db", "base.db-wal", "base.db-journal", "base.db-shm"]
FOREIGN = ["other.db", "other.db-wal", "other.db-journal", "bk.db", "bk.db.json", "bk.db.zst", "bk.db.zst.json"]
CHANGES = ["in.cs", "in2.cs", "rebase.in"]
INPUTS = ["rows.csv", "script.sql"]
SPECIAL = ["dir", "dev", "fifo", "socket", "dev/null", "dev/zero", "dev/full", "dev/block"]
SYSTEM = ["/etc/passwd", "/etc/hosts", "/etc/fstab", "/proc/sys/kernel/hostname", "/proc/self/comm"]


def spellings(target):
    """Other names of it. Links are made once and stay."""
    yield target
    if target.startswith("/"):
        return
    yield "./" + target
    yield HERE + "/" + target
    yield "../w/" + target
    yield "dir/../" + target
    yield base + "/link/" + target
    yield base + "/alias/" + target
    yield "/proc/self/cwd/" + target
    flat = target.replace("/", "_")
    if not os.path.lexists("sym-" + flat):
        os.symlink(target, "sym-" + flat)
        os.symlink("sym-" + flat, "sym2-" + flat)
        if os.path.isfile(target) and os.path.exists(target):
            os.link(target, "hard-" + flat)
    yield "sym-" + flat
    yield "sym2-" + flat
    if os.path.lexists("hard-" + flat):
        yield "hard-" + flat


NAMES = [(target, name) for target in DATABASE + BASELINE + FOREIGN + CHANGES + INPUTS + SPECIAL + SYSTEM
         for name in spellings(target)]
NAMES += [("app.db", "/proc/self/fd/%d" % OPEN), ("app.db", "/dev/fd/%d" % OPEN)]

# ---- calls: what they are, which targets must be refused, how they are asked for (a request of batch)
TEXT = set(DATABASE + FOREIGN + SPECIAL + SYSTEM)
THROUGH = {"fifo", "dev/null", "dev/zero", "dev/full"}  # may be written through: the file stays what it is
INTO = {"dir", "dev"}  # a copy goes into a directory, under a name of its own
CALLS = {
    "write --changeset": (TEXT | set(INPUTS), lambda n: {
        "write": ["app.db"], "file": ["script.sql"], "rows": "rows.csv", "changeset": n, "wait": "0s"}),
    "write --patchset": (TEXT, lambda n: {"write": ["app.db", "SELECT 1"], "patchset": n, "wait": "0s"}),
    "write --lock-log": (TEXT | {"script.sql"}, lambda n: {
        "write": ["app.db"], "file": ["script.sql"], "lock-log": n, "wait": "0s"}),
    "apply --changeset": (TEXT | {"in.cs"}, lambda n: {
        "changeset apply": ["app.db", "in.cs"], "ignore-noop": True, "allow-nothing": True, "changeset": n}),
    "apply --rebase-out": (TEXT | {"in.cs"}, lambda n: {
        "changeset apply": ["app.db", "in.cs"], "ignore-noop": True, "allow-nothing": True, "rebase-out": n}),
    "export -o": (TEXT | set(BASELINE), lambda n: {"changeset export": ["app.db"], "since": "base.db", "output": n}),
    "invert -o": (set(FOREIGN + SPECIAL + SYSTEM) | {"app.db", "in.cs"}, lambda n: {"changeset invert": ["in.cs"], "output": n}),
    "concat -o": (set(FOREIGN + SPECIAL + SYSTEM) | {"app.db", "in.cs", "in2.cs"}, lambda n: {
        "changeset concat": ["in.cs", "in2.cs"], "output": n}),
    "rebase -o": (set(FOREIGN + SPECIAL + SYSTEM) | {"app.db", "in.cs", "rebase.in"}, lambda n: {
        "changeset rebase": ["in.cs"], "using": ["rebase.in"], "output": n}),
    "backup --metrics": (TEXT | {"new-backup"}, lambda n: {"backup": ["app.db", "new-backup"], "metrics": n}),
    # What other files a copy may take the place of is for the tests of backups.
    "backup": (set(DATABASE + SPECIAL), lambda n: {"backup": ["app.db", n]}),
    "copy": (set(DATABASE + SPECIAL), lambda n: {"copy": ["app.db", n], "manifest": True}),
    "vacuum-into": (set(DATABASE + SPECIAL), lambda n: {"vacuum-into": ["app.db", n]}),
    "restore": ({"bk.db", "bk.db.json", "dir", "dev", "fifo", "socket", "dev/null", "dev/zero", "dev/full", "dev/block"},
                lambda n: {"restore": ["bk.db", n], "wait": "0s"}),
}
SHELL = {  # the lines of a shell for each; what they may not do is the same
    ".output": (TEXT, ".output %s\nSELECT 'harm';\n.output\n"),
    ".once": (TEXT, ".once %s\nSELECT 'harm';\n"),
    ".dump to .once": (TEXT, ".once %s\n.dump\n"),
    ".capture": ({"app.db"} | set(SPECIAL), ".capture on %s\nUPDATE t SET x=x;\n.capture off\n"),
    ".backup": (set(DATABASE + SPECIAL), ".backup %s\n"),
    ".restore": (set(SPECIAL), ".restore %s\n"),
}
LINKED = "allow-links"  # app.db has hard links here, which would be the reason for every refusal
ON_DATABASE = {"write", "changeset apply", "changeset export", "backup", "copy", "vacuum-into", "restore"}


def asked(request):
    """The request, that hard links of its database are no reason to refuse it."""
    return {**request, LINKED: True} if next(iter(request)) in ON_DATABASE else request


HARMLESS = {"/proc/self/comm"}  # of another process than this one


def look(path):
    """What a name is: type, owner, mode, and the content of a regular file."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    key = [stat.S_IFMT(found.st_mode), found.st_mode & 0o7777, found.st_uid, found.st_gid, found.st_rdev]
    if stat.S_ISREG(found.st_mode) and not path.startswith("/proc/"):
        with open(path, "rb") as file:
            key.append(hashlib.sha256(file.read()).hexdigest())
        key.append(found.st_ino)
    if stat.S_ISLNK(found.st_mode):
        key.append(os.readlink(path))
    return key


ALL = DATABASE + BASELINE + FOREIGN + CHANGES + INPUTS + SPECIAL + [each for each in SYSTEM if each not in HARMLESS]
LINKS = [name for _, name in NAMES if name.startswith(("sym", "hard"))]


def state():
    return {path: look(path) for path in ALL + LINKS}


def hosts_name():
    return os.uname().nodename


class Batch:
    def __init__(self):
        self.start()

    def start(self):
        self.process = subprocess.Popen([SAFE, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, pass_fds=[OPEN])

    def ask(self, request, patience=120):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.process.terminate()  # it waits for the reader of a pipe, say; that must end it
            answer = self.process.stdout.readline()
            self.process.wait(20)
            self.start()
            return json.loads(answer) if answer else {"exitCode": 143}
        return json.loads(self.process.stdout.readline())


harm, calls, refused, restores = [], 0, 0, 0
KEEP = tempfile.mkdtemp(prefix="sqlite-safe-keep-", dir=base)
sh("cp", "-a", HERE + "/.", KEEP)
BEFORE = state()
NODE = hosts_name()


def tidy():
    """Away with what a call made under a free name."""
    for folder in (".", "dir", "dev"):
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            path = os.path.join(folder, name)
            if not os.path.lexists(os.path.join(KEEP, path)):
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)


def repair(after, before):
    """Puts back what has changed, and only that: the number of the database's file is in use."""
    global restores
    restores += 1
    changed = [path for path in before if after[path] != before[path] and not path.startswith("/")]
    for path in changed:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
        if os.path.lexists(KEEP + "/" + path) and not path.startswith("hard-"):
            sh("cp", "-a", KEEP + "/" + path, path, check=True)
    for target, name in NAMES:
        if name.startswith("hard-") and (name in changed or target in changed):
            if os.path.lexists(name):
                os.unlink(name)
            os.link(target, name)
    return state()


def left_locks():
    return [name for name in os.listdir(".") if ".lock" in name and name.startswith(("app.db", "base.db", "other.db"))
            and not os.path.lexists(KEEP + "/" + name)]


def verify(command, protected, target, name, code, before):
    global calls, refused
    calls += 1
    after = state()
    wrong = []
    guarded = protected - HARMLESS
    for path in after:
        if after[path] == before[path]:
            continue
        # A name that this command may replace may change, and so may its other names.
        meant = path if path in ALL else next(t for t, n in NAMES if n == path)
        if meant in guarded or path == "app.db":
            wrong.append(path)
    allowed = THROUGH | INTO if command in ("backup", "copy", "vacuum-into", ".backup") else THROUGH
    if target in guarded and code == 0 and target not in allowed:
        wrong.append("accepted")
    if left_locks():
        wrong.append("a lock is left: %s" % left_locks())
    if hosts_name() != NODE:
        wrong.append("the host's name")
    if code not in (0, 1, 2, 3, 10, 13, 15, 130, 143):
        wrong.append("exit status %s" % code)
    refused += code in (2, 10, 15)
    if wrong:
        harm.append({"command": command, "output": name, "exitCode": code, "harm": wrong})
    tidy()
    return repair(after, before) if after != before else before


def names_for(protected, index):
    chosen = [(target, name) for target, name in NAMES if target in protected and target != "fifo"]
    # In the short run a name that one command does not get, the next one does.
    return chosen if options.all else chosen[index % 5::5]


def free(index):
    """Each call does its work where nothing is in the way: else a refusal would tell nothing."""
    return "free-%d" % index


def control(command, code):
    if code not in (0, 3):
        harm.append({"command": command, "output": "a free name", "exitCode": code, "harm": ["refused"]})


def spoil(name):
    """Does the harm that a program would do which knows no rule for outputs; 1 where it did."""
    if not os.path.isfile(name) or name.startswith(("/proc/", "/dev/")):  # of the file as it was before a repair
        return 0
    with open(name, "ab") as file:
        file.write(b"x")
    return 1


before = BEFORE
batch = Batch()
spoilt = 0
for index, (command, (protected, request)) in enumerate(CALLS.items()):
    control(command, batch.ask(asked(request(free(index)))).get("exitCode"))
    tidy()
shutil.copy("app.db", "control.db")
for index, (command, (protected, script)) in enumerate(SHELL.items()):
    ran = sh(SAFE, "shell", "control.db", input=(script % ("bk.db" if command == ".restore" else free(index))).encode())
    control(command, ran.returncode)
tidy()
if options.harmful:
    protected, request = CALLS["copy"]
    for target, name in [each for each in NAMES if each[0] in protected and os.path.isfile(each[1])]:
        answer = batch.ask(asked(request(name)))
        spoilt += spoil(name)
        before = verify("copy", protected, target, name, answer.get("exitCode"), before)
    batch.process.stdin.close()
    batch.process.wait(30)
    print(json.dumps({"spoilt": spoilt, "harm": harm}))
    sys.exit(1 if harm else 0)
for index, (command, (protected, request)) in enumerate(CALLS.items()):
    for target, name in names_for(protected, index):
        answer = batch.ask(asked(request(name)))
        before = verify(command, protected, target, name, answer.get("exitCode"), before)
batch.process.stdin.close()
batch.process.wait(30)

# A real process for each, where it makes a difference: the shell, a pipe that nobody reads, a lock that another one holds.
for index, (command, (protected, script)) in enumerate(SHELL.items()):
    chosen = names_for(protected, index)
    for target, name in chosen if options.all else chosen[::20]:
        ran = sh(SAFE, "shell", "app.db", "--allow-links", input=(script % name).encode(), pass_fds=[OPEN])
        before = verify(command, protected, target, name, 0 if ran.returncode == 0 and target in THROUGH else ran.returncode or 0, before)
pipe_calls = [(c, asked(r("fifo"))) for c, (p, r) in CALLS.items() if "fifo" in p]
for command, request in pipe_calls if options.all else pipe_calls[:1] + pipe_calls[4:5]:
    word, arguments = next(iter(request.items()))
    words = [SAFE] + word.split() + arguments
    for key, value in list(request.items())[1:]:
        for each in value if isinstance(value, list) else [value]:
            words += ["--" + key] + ([] if each is True else [each])
    ran = sh("timeout", "-k", "15", "5", *words, pass_fds=[OPEN])
    code = 143 if ran.returncode == 124 else ran.returncode
    before = verify(command, CALLS[command][0], "fifo", "fifo", code, before)
holder = subprocess.Popen([SAFE, "with-lock", "app.db", "--allow-links", "--", "sh", "-c", "echo in; read line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
holder.stdout.readline()
KEPT_LOCK = look("app.db.lock")
held_names = DATABASE if options.all else ["app.db", "app.db.lock", "app.db.lock/owner.json", "app.db-journal"]
owner = look("app.db.lock/owner.json")
for name in held_names:
    ran = sh(SAFE, "write", "app.db", "SELECT 1", "--wait", "0s", "--allow-links", "--changeset", name)
    calls += 1
    refused += ran.returncode in (2, 15)
    if ran.returncode not in (2, 15) or look("app.db.lock/owner.json") != owner or look("app.db.lock") != KEPT_LOCK:
        harm.append({"command": "write --changeset, lock held", "output": name, "exitCode": ran.returncode, "harm": ["lock"]})
holder.communicate(b"go\n", timeout=60)

print(json.dumps({"names": len(NAMES), "commands": len(CALLS) + len(SHELL), "calls": calls, "refused": refused,
                  "restored": restores, "harm": harm}))
sys.exit(1 if harm else 0)
