#!/usr/bin/python3
"""Runs a program in a guest as if it ran here.

    remote.py ADDRESS CMD...     standard input, output, error and the exit status are passed on. SIGUSR1 stops the
                                 program (SIGSTOP), SIGUSR2 continues it; when this client ends, the program is killed.
                                 Exit status 255: the connection was lost.
    remote.py --serve            the other side, in the guest

A connection begins with a line: the command as JSON. Then there are frames: a byte that tells the kind, four bytes of
length, content. To the guest: I(nput; empty at its end), S(ignal). From it: O(utput), E(rror), X(it status).
"""
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading

PORT = 7079


def frame(kind, content):
    return struct.pack(">cI", kind, len(content)) + content


def read_exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("the other side is gone")
    return data


def read_frame(stream):
    kind, size = struct.unpack(">cI", read_exactly(stream, 5))
    return kind, read_exactly(stream, size)


# --- in the guest ------------------------------------------------------------------------------------------------

class Conversation:
    """One connection, one program."""

    def __init__(self, connection):
        self.connection, self.stream, self.mutex = connection, connection.makefile("rb"), threading.Lock()

    def run(self):
        command = json.loads(self.stream.readline())
        try:
            program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            self.send(b"E", f"remote.py: {error}\n".encode())
            self.send(b"X", b"127")
            return
        pumps = [threading.Thread(target=self.pump, args=(kind, pipe), daemon=True)
                 for kind, pipe in ((b"O", program.stdout), (b"E", program.stderr))]
        for thread in [*pumps, threading.Thread(target=self.obey, args=(program,), daemon=True)]:
            thread.start()
        status = program.wait()
        for thread in pumps:
            thread.join()
        self.send(b"X", str(status if status >= 0 else 128 - status).encode())

    def send(self, kind, content):
        with self.mutex:
            self.connection.sendall(frame(kind, content))

    def pump(self, kind, pipe):
        while data := os.read(pipe.fileno(), 65536):
            self.send(kind, data)

    def obey(self, program):
        try:
            while True:
                kind, content = read_frame(self.stream)
                if kind == b"S":
                    os.killpg(program.pid, int(content))
                elif content:
                    program.stdin.write(content)
                    program.stdin.flush()
                else:
                    program.stdin.close()
        except (OSError, ValueError):
            # Nobody is there any more who could end it. A stopped process dies of SIGKILL, too.
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)


def converse(connection):
    try:
        with connection:
            Conversation(connection).run()
    except (OSError, ValueError):
        pass


def serve():
    with socket.create_server(("", PORT), backlog=64) as server:
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=converse, args=(connection,), daemon=True).start()


# --- here --------------------------------------------------------------------------------------------------------

def call(address, command):
    with socket.create_connection((address, PORT), timeout=60) as connection:
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(json.dumps(command).encode() + b"\n")
        for received, sent in ((signal.SIGUSR1, signal.SIGSTOP), (signal.SIGUSR2, signal.SIGCONT)):
            signal.signal(received, lambda *_, s=sent: connection.sendall(frame(b"S", str(int(s)).encode())))
        threading.Thread(target=pass_input, args=(connection,), daemon=True).start()
        stream = connection.makefile("rb")
        while True:
            kind, content = read_frame(stream)
            if kind == b"X":
                return int(content)
            os.write(1 if kind == b"O" else 2, content)


def pass_input(connection):
    try:
        while select.select([0], [], []):
            data = os.read(0, 65536)
            connection.sendall(frame(b"I", data))
            if not data:
                return
    except OSError:
        pass


def main():
    if sys.argv[1:] == ["--serve"]:
        serve()
    try:
        sys.stdout.flush()
        os._exit(call(sys.argv[1], sys.argv[2:]))
    except OSError as error:
        print(f"remote.py: {error}", file=sys.stderr)
        os._exit(255)


if __name__ == "__main__":
    main()
