"""What is done to the participants. disturb() does it once and takes it back; heal() makes sure that it is taken back."""
from mounts import GUESTS, PYTHON

LOCAL = ("ext4", "xfs", "btrfs", "tmpfs", "overlay")
SPLIT = ("overlay-uppers", "overlay-lower")
FUSE = ("fuse", "fuse-cached")
SSHFS = ("sshfs", "sshfs-uncached")
GLUSTER = ("gluster", "gluster-strict")
NFS = tuple(kind for kind in GUESTS if kind.startswith("nfs"))
ALL = LOCAL + SPLIT + FUSE + SSHFS + GUESTS + GLUSTER
LONGER_THAN_STALE = 17.0


class Fault:
    stalls = 0.0  # how many of the participants' own writes stop somewhere for longer than the stale limit
    kinds = ALL

    def disturb(self, cell):
        cell.pause(2)

    def heal(self, cell):
        pass

    def wrap(self, cell, side, argv):
        return argv


class Kill(Fault):
    def disturb(self, cell):
        cell.pause(cell.random.uniform(0.5, 2.5))
        victims = cell.victims()
        if victims:
            cell.random.choice(victims).kill()


class Stop(Fault):
    """Participants stop at the worst points by themselves; others, the program too, are stopped anywhere."""
    stalls = 0.15

    def disturb(self, cell):
        cell.pause(cell.random.uniform(1, 4))
        victims = [p for p in cell.victims() if not p.stopped]
        if victims:
            victim = cell.random.choice(victims)
            # A client in its first moments would die of the signal, and so would its program in the guest.
            cell.pause(2 if cell.mount.remote else 0.3)
            victim.stop()
            cell.pause(LONGER_THAN_STALE)
            victim.resume()


class HostFault(Fault):
    """Something that happens to one side and is taken back after a while."""

    def __init__(self, kinds, on, off, seconds, sides="ab"):
        self.kinds, self.on, self.off, self.seconds, self.sides = kinds, on, off, seconds, sides
        self.hit = {}

    def disturb(self, cell):
        side = cell.random.choice(self.sides)
        self.hit[cell] = side
        cell.mount.fault(side, self.on)
        cell.pause(self.seconds)
        self.heal(cell)
        cell.pause(cell.random.uniform(3, 6))

    def heal(self, cell):
        side = self.hit.pop(cell, None)
        if side:
            cell.mount.fault(side, self.off)


class Crash(HostFault):
    """A host dies without a word, and boots again. Nothing of what ran there answers any more."""

    def disturb(self, cell):
        side = cell.random.choice(self.sides)
        if side in cell.quiet:
            cell.quiet[side].clear()
        self.hit[cell] = side
        cell.mount.fault(side, "crash")
        cell.kill_all(side)
        self.heal(cell)
        cell.pause(12)

    def heal(self, cell):
        super().heal(cell)
        for side in cell.quiet.values():
            side.set()


class Clock(HostFault):
    """The clock of a guest jumps; elsewhere those on side b see it jump, or live an hour in the future."""

    def disturb(self, cell):
        if cell.mount.remote:
            super().disturb(cell)
        else:
            cell.pause(2)

    def wrap(self, cell, side, argv):
        if cell.mount.remote or side == "a":
            return argv
        if argv[0] == PYTHON:  # its waiting fails under faketime
            return [*argv, "--clock-steps"]
        return ["faketime", "-f", "+1h", "env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", *argv]


FAULTS = {
    "none": Fault(),
    "kill": Kill(),
    "stop": Stop(),
    "clock": Clock(LOCAL + FUSE + SSHFS + NFS, "clock", "unclock", 8),
    "disk-full": HostFault(("ext4", "xfs", "btrfs", "tmpfs") + NFS, "fill", "free", 6, sides="s"),
    "freeze": HostFault(NFS, "freeze", "thaw", LONGER_THAN_STALE),
    "crash": Crash(NFS, "crash", "boot", 0),
    "cut": HostFault(NFS, "cut", "mend", LONGER_THAN_STALE),
    "server-frozen": HostFault(NFS, "freeze", "thaw", 8, sides="s"),
    "server-crash": Crash(NFS, "crash", "boot", 0, sides="s"),
    "cut-fuse": HostFault(FUSE + SSHFS, "freeze", "heal", LONGER_THAN_STALE),
    "errno": HostFault(FUSE, "errno", "heal", 4),
    "lost-reply": HostFault(FUSE, "lost", "heal", 4),
    "delay": HostFault(FUSE, "delay", "heal", 8),
}


def faults_of(kind):
    return [name for name, fault in FAULTS.items() if kind in fault.kinds]
