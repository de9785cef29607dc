"""What writes to a database on an NFS mount ask of the server, counted by this kernel. Run by network.sh, on the client.
    round_trips.py DIRECTORY LAUNCHER [WHICH...]   prints one line "WHICH ROUND_TRIPS OPERATIONS" each (all where none is named).
Prints round trips of the median run; what renews the client's lease meanwhile is not counted.
"""
import json
import os
import sqlite3
import statistics
import subprocess
import sys

RUNS = int(os.environ.get("RUNS", "5"))
# linux/nfs4.h, NFSPROC4_CLNT_*; SEQUENCE and RENEW keep the lease.
NFS4 = """NULL READ WRITE COMMIT OPEN OPEN_CONFIRM OPEN_NOATTR OPEN_DOWNGRADE CLOSE SETATTR FSINFO RENEW SETCLIENTID
SETCLIENTID_CONFIRM LOCK LOCKT LOCKU ACCESS GETATTR LOOKUP LOOKUP_ROOT REMOVE RENAME LINK SYMLINK CREATE PATHCONF STATFS
READLINK READDIR SERVER_CAPS DELEGRETURN GETACL SETACL FS_LOCATIONS RELEASE_LOCKOWNER SECINFO FSID_PRESENT EXCHANGE_ID
CREATE_SESSION DESTROY_SESSION SEQUENCE""".split()
NFS3 = """NULL GETATTR SETATTR LOOKUP ACCESS READLINK READ WRITE CREATE MKDIR SYMLINK MKNOD REMOVE RMDIR RENAME LINK READDIR
READDIRPLUS FSSTAT FSINFO PATHCONF COMMIT""".split()
INSERT = "INSERT INTO t VALUES('x')"


def counts():
    """Operations by name so far. Locks of NFS 3 go by another service, which no kernel counts."""
    found = {}
    with open("/proc/net/rpc/nfs") as file:
        for line in file:
            name, *numbers = line.split()
            names = {"proc3": NFS3, "proc4": NFS4}.get(name, [])
            for i, n in enumerate(numbers[1:] if names else []):
                operation = names[i] if i < len(names) else str(i)
                if operation not in ("SEQUENCE", "RENEW", "NULL"):
                    found[operation] = found.get(operation, 0) + int(n)
    return found


def counted(action):
    before = counts()
    action()
    after = counts()
    return {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0)}


def settled(runs):
    """Of several runs the one in the middle."""
    return sorted(runs, key=lambda ops: sum(ops.values()))[len(runs) // 2]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


class Bench:
    def __init__(self, directory, launcher):
        self.directory, self.launcher = directory, launcher

    def fresh(self, name, access=None):
        path = f"{self.directory}/{name}.db"
        for other in os.listdir(self.directory):
            if other.startswith(f"{name}.db"):
                run("rm", "-rf", f"{self.directory}/{other}")
        words = ["--access", access] if access else []
        run(self.launcher, "write", "--create", *words, path, "CREATE TABLE t(v)")
        return path

    def sqlite3(self):
        path = self.fresh("sqlite3")
        return self.again(lambda: run("sqlite3", path, f"BEGIN IMMEDIATE; {INSERT}; COMMIT;"))

    def write(self):
        path = self.fresh("write")
        return self.again(lambda: run(self.launcher, "write", path, INSERT))

    def exclusive_rename(self):
        path = self.fresh("rename", "network-exclusive")
        return self.again(lambda: run(self.launcher, "write", path, INSERT))

    def exclusive_in_place(self):
        path = self.fresh("in-place", "network-exclusive")
        return self.again(lambda: run(self.launcher, "write", "--in-place", path, INSERT))

    def again(self, action):
        action()  # the first one finds out what later ones know
        return settled([counted(action) for _ in range(RUNS)])

    def further_sqlite3(self):
        connection = sqlite3.connect(self.fresh("open"), isolation_level=None)

        def write():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT)
            connection.execute("COMMIT")

        return self.again(write)

    def further_batch(self):
        """One that waits for each answer, as an application does."""
        path = self.fresh("batch")
        with subprocess.Popen([self.launcher, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as batch:

            def write():
                batch.stdin.write(json.dumps({"write": [path, INSERT]}) + "\n")
                batch.stdin.flush()
                answer = json.loads(batch.stdout.readline())
                if answer["exitCode"]:
                    sys.exit(str(answer))

            for _ in range(3):
                write()
            ops = self.again(write)
            batch.stdin.close()
        return ops

    def further_java(self):
        """SafeDatabase.write in one process, the lock released each time."""
        path = self.fresh("java")
        here = os.path.dirname(os.path.abspath(__file__))
        image = os.path.dirname(os.path.dirname(self.launcher))
        jars = ":".join(f"{image}/lib/{jar}" for jar in os.listdir(f"{image}/lib") if jar.endswith(".jar"))
        words = ["java", f"-Dorg.sqlite.lib.path={image}/lib/native", "-cp", jars, f"{here}/FurtherWrites.java", path]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as java:

            def write():
                java.stdin.write("\n")
                java.stdin.flush()
                java.stdout.readline()

            write()
            ops = self.again(write)
            java.stdin.close()
        return ops


def main():
    directory, launcher, *which = sys.argv[1:]
    bench = Bench(directory, launcher)
    for name in which or ["sqlite3", "write", "exclusive_rename", "exclusive_in_place", "further_sqlite3", "further_batch", "further_java"]:
        ops = getattr(bench, name)()
        detail = ",".join(f"{op}={n}" for op, n in sorted(ops.items(), key=lambda item: -item[1]))
        print(name, sum(ops.values()), detail, flush=True)


if __name__ == "__main__":
    main()
