#!/usr/bin/env python3
"""SQLite's own session extension behind a line protocol, for tests to compare with.

One JSON request a line on standard input, one JSON answer a line on standard output. Databases and changesets travel in
base64 (a database as sqlite3_serialize gives it). Values of rows are strings: u (undefined), n (NULL), i<decimal>, r<the
eight bytes in hex>, t<hex>, b<hex>. An answer has "rc", SQLite's result code; a request that cannot be understood has "error".

    {"op":"version"}
    {"op":"capture","db":…,"sql":[…],"rowids":0} changeset, patchset, db, errors (statement index: message)
    {"op":"apply","db":…,"changeset":…,"policy":{"data":"omit",…},"flags":0}   conflicts, rebase, db, cpuMs
    {"op":"invert","changeset":…}                changeset
    {"op":"concat","changesets":[…]}             changeset
    {"op":"rebase","changeset":…,"rebase":[…]}   changeset
    {"op":"show","changeset":…}                  changes

The library is libsqlite3.so.0, or what SQLITE_SAFE_ORACLE_LIBRARY names.
"""
import base64
import ctypes
import json
import os
import struct
import sys
import time
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_int64, c_ubyte, c_uint, c_void_p

OPERATIONS = {9: "DELETE", 18: "INSERT", 23: "UPDATE"}
CONFLICTS = {1: "data", 2: "notfound", 3: "conflict", 4: "constraint", 5: "foreign-key"}
ACTIONS = {"omit": 0, "replace": 1, "abort": 2}

sqlite = ctypes.CDLL(os.environ.get("SQLITE_SAFE_ORACLE_LIBRARY", "libsqlite3.so.0"))
FILTER = CFUNCTYPE(c_int, c_void_p, c_char_p)
CONFLICT = CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)

sqlite.sqlite3_libversion.restype = c_char_p
sqlite.sqlite3_errmsg.restype = c_char_p
sqlite.sqlite3_errmsg.argtypes = [c_void_p]
sqlite.sqlite3_open.argtypes = [c_char_p, POINTER(c_void_p)]
sqlite.sqlite3_close.argtypes = [c_void_p]
sqlite.sqlite3_exec.argtypes = [c_void_p, c_char_p, c_void_p, c_void_p, c_void_p]
sqlite.sqlite3_malloc64.restype = c_void_p
sqlite.sqlite3_malloc64.argtypes = [c_int64]
sqlite.sqlite3_free.argtypes = [c_void_p]
sqlite.sqlite3_serialize.restype = c_void_p
sqlite.sqlite3_serialize.argtypes = [c_void_p, c_char_p, POINTER(c_int64), c_uint]
sqlite.sqlite3_deserialize.argtypes = [c_void_p, c_char_p, c_void_p, c_int64, c_int64, c_uint]
sqlite.sqlite3_value_type.argtypes = [c_void_p]
sqlite.sqlite3_value_int64.restype = c_int64
sqlite.sqlite3_value_int64.argtypes = [c_void_p]
sqlite.sqlite3_value_double.restype = ctypes.c_double
sqlite.sqlite3_value_double.argtypes = [c_void_p]
sqlite.sqlite3_value_bytes.argtypes = [c_void_p]
sqlite.sqlite3_value_text.restype = c_void_p
sqlite.sqlite3_value_text.argtypes = [c_void_p]
sqlite.sqlite3_value_blob.restype = c_void_p
sqlite.sqlite3_value_blob.argtypes = [c_void_p]


class Refused(Exception):
    """SQLite refused; carries its result code."""


def checked(rc):
    if rc != 0:
        raise Refused(rc)


class Database:
    """A database in memory, from its bytes."""

    def __init__(self, encoded):
        self.handle = c_void_p()
        checked(sqlite.sqlite3_open(b":memory:", byref(self.handle)))
        content = base64.b64decode(encoded)
        if content:
            copy = sqlite.sqlite3_malloc64(len(content))
            ctypes.memmove(copy, content, len(content))
            checked(sqlite.sqlite3_deserialize(self.handle, b"main", copy, len(content), len(content), 1 | 2))

    def run(self, sql):
        rc = sqlite.sqlite3_exec(self.handle, sql.encode("utf-8", "surrogatepass"), None, None, None)
        return None if rc == 0 else sqlite.sqlite3_errmsg(self.handle).decode("utf-8", "replace")

    def content(self):
        size = c_int64()
        data = sqlite.sqlite3_serialize(self.handle, b"main", byref(size), 0)
        content = ctypes.string_at(data, size.value)
        sqlite.sqlite3_free(data)
        return base64.b64encode(content).decode()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        sqlite.sqlite3_close(self.handle)


def taken(size, pointer):
    """A result of the library, which is then freed."""
    data = ctypes.string_at(pointer, size.value) if size.value else b""
    sqlite.sqlite3_free(pointer)
    return base64.b64encode(data).decode()


def value(pointer):
    if not pointer:
        return "u"
    kind = sqlite.sqlite3_value_type(pointer)
    if kind == 1:
        return "i%d" % sqlite.sqlite3_value_int64(pointer)
    if kind == 2:
        return "r" + struct.pack(">d", sqlite.sqlite3_value_double(pointer)).hex()
    if kind == 5:
        return "n"
    data = (sqlite.sqlite3_value_text if kind == 3 else sqlite.sqlite3_value_blob)(pointer)
    size = sqlite.sqlite3_value_bytes(pointer)
    return ("t" if kind == 3 else "b") + (ctypes.string_at(data, size).hex() if size else "")


def row(function, iterator, columns):
    values = []
    for column in range(columns):
        found = c_void_p()
        rc = function(iterator, column, byref(found))
        values.append(value(found) if rc == 0 else "u")
    return values


def change(iterator):
    """What an iterator stands on."""
    name, columns, operation, indirect = c_char_p(), c_int(), c_int(), c_int()
    sqlite.sqlite3changeset_op(iterator, byref(name), byref(columns), byref(operation), byref(indirect))
    result = {
        "table": name.value.decode(),
        "op": OPERATIONS[operation.value],
        "indirect": indirect.value,
        "old": [],
        "new": [],
    }
    if operation.value != 18:
        result["old"] = row(sqlite.sqlite3changeset_old, iterator, columns.value)
    if operation.value != 9:
        result["new"] = row(sqlite.sqlite3changeset_new, iterator, columns.value)
    return result, columns.value


def version(_):
    return {
        "version": sqlite.sqlite3_libversion().decode(),
        "session": hasattr(sqlite, "sqlite3session_create"),
        "rowids": sqlite.sqlite3_libversion_number() >= 3044000,
    }


def capture(request):
    with Database(request["db"]) as database:
        session = c_void_p()
        checked(sqlite.sqlite3session_create(database.handle, b"main", byref(session)))
        if request.get("rowids"):
            on = c_int(1)
            checked(sqlite.sqlite3session_object_config(session, 2, byref(on)))
        checked(sqlite.sqlite3session_attach(session, None))
        errors = {}
        for index, sql in enumerate(request["sql"]):
            error = database.run(sql)
            if error is not None:
                errors[str(index)] = error
        answer = {"errors": errors}
        for name in ("changeset", "patchset"):
            size, data = c_int(), c_void_p()
            rc = getattr(sqlite, "sqlite3session_" + name)(session, byref(size), byref(data))
            answer[name] = taken(size, data) if rc == 0 else ""
            answer["rc"] = rc
            if rc != 0:
                break
        sqlite.sqlite3session_delete(session)
        answer["db"] = database.content()
        return answer


def apply(request):
    conflicts = []
    policy = request["policy"]

    def on_conflict(_, kind, iterator):
        seen = {"kind": CONFLICTS[kind]}
        if kind != 5:
            described, columns = change(iterator)
            seen.update(described)
            if kind in (1, 3):
                seen["conflict"] = row(sqlite.sqlite3changeset_conflict, iterator, columns)
        else:
            count = c_int()
            sqlite.sqlite3changeset_fk_conflicts(c_void_p(iterator), byref(count))
            seen["count"] = count.value
        conflicts.append(seen)
        return ACTIONS[policy[CONFLICTS[kind]]]

    with Database(request["db"]) as database:
        for sql in request.get("before", []):
            database.run(sql)
        content = base64.b64decode(request["changeset"])
        size, data = c_int(), c_void_p()
        start = time.process_time()
        rc = sqlite.sqlite3changeset_apply_v2(
            database.handle, len(content), content, FILTER(), CONFLICT(on_conflict), None, byref(data), byref(size),
            request.get("flags", 0))
        spent = (time.process_time() - start) * 1000
        return {"rc": rc, "cpuMs": spent, "conflicts": conflicts, "rebase": taken(size, data), "db": database.content()}


def invert(request):
    content = base64.b64decode(request["changeset"])
    size, data = c_int(), c_void_p()
    checked(sqlite.sqlite3changeset_invert(len(content), content, byref(size), byref(data)))
    return {"rc": 0, "changeset": taken(size, data)}


def concat(request):
    group = c_void_p()
    checked(sqlite.sqlite3changegroup_new(byref(group)))
    try:
        for encoded in request["changesets"]:
            content = base64.b64decode(encoded)
            checked(sqlite.sqlite3changegroup_add(group, len(content), content))
        size, data = c_int(), c_void_p()
        checked(sqlite.sqlite3changegroup_output(group, byref(size), byref(data)))
        return {"rc": 0, "changeset": taken(size, data)}
    finally:
        sqlite.sqlite3changegroup_delete(group)


def rebase(request):
    rebaser = c_void_p()
    checked(sqlite.sqlite3rebaser_create(byref(rebaser)))
    try:
        for encoded in request["rebase"]:
            content = base64.b64decode(encoded)
            checked(sqlite.sqlite3rebaser_configure(rebaser, len(content), content))
        content = base64.b64decode(request["changeset"])
        size, data = c_int(), c_void_p()
        checked(sqlite.sqlite3rebaser_rebase(rebaser, len(content), content, byref(size), byref(data)))
        return {"rc": 0, "changeset": taken(size, data)}
    finally:
        sqlite.sqlite3rebaser_delete(rebaser)


def show(request):
    content = base64.b64decode(request["changeset"])
    iterator = c_void_p()
    checked(sqlite.sqlite3changeset_start(byref(iterator), len(content), content))
    changes = []
    while True:
        rc = sqlite.sqlite3changeset_next(iterator)
        if rc != 100:
            break
        changes.append(change(iterator)[0])
    sqlite.sqlite3changeset_finalize(iterator)
    return {"rc": 0 if rc == 101 else rc, "changes": changes}


def declare():
    """All of these take pointers, which ctypes would else cut to 32 bits."""
    pointers = {
        "session_create": [c_void_p, c_char_p, c_void_p],
        "session_attach": [c_void_p, c_char_p],
        "session_object_config": [c_void_p, c_int, c_void_p],
        "session_changeset": [c_void_p] * 3,
        "session_patchset": [c_void_p] * 3,
        "session_delete": [c_void_p],
        "changeset_apply_v2": [
            c_void_p, c_int, c_char_p, FILTER, CONFLICT, c_void_p, c_void_p, c_void_p, c_int],
        "changeset_op": [c_void_p] * 5,
        "changeset_old": [c_void_p, c_int, c_void_p],
        "changeset_new": [c_void_p, c_int, c_void_p],
        "changeset_conflict": [c_void_p, c_int, c_void_p],
        "changeset_fk_conflicts": [c_void_p, c_void_p],
        "changeset_invert": [c_int, c_char_p, c_void_p, c_void_p],
        "changeset_start": [c_void_p, c_int, c_char_p],
        "changeset_next": [c_void_p],
        "changeset_finalize": [c_void_p],
        "changegroup_new": [c_void_p],
        "changegroup_add": [c_void_p, c_int, c_char_p],
        "changegroup_output": [c_void_p] * 3,
        "changegroup_delete": [c_void_p],
        "rebaser_create": [c_void_p],
        "rebaser_configure": [c_void_p, c_int, c_char_p],
        "rebaser_rebase": [c_void_p, c_int, c_char_p, c_void_p, c_void_p],
        "rebaser_delete": [c_void_p],
    }
    for name, arguments in pointers.items():
        if hasattr(sqlite, "sqlite3" + name):  # Debian's lacks the newest
            getattr(sqlite, "sqlite3" + name).argtypes = arguments


def main():
    if hasattr(sqlite, "sqlite3session_create"):
        declare()
    known = {f.__name__: f for f in (version, capture, apply, invert, concat, rebase, show)}
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = known[request["op"]](request)
        except Refused as refused:
            answer = {"rc": refused.args[0]}
        except Exception as unexpected:  # the test has to see it
            answer = {"error": repr(unexpected)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
