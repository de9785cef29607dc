-- A bibliography: STRICT tables, one without rowid, records that point to their parents, an application_id.
PRAGMA application_id = 1635151210;
PRAGMA user_version = 2;
CREATE TABLE Records(
  key INTEGER PRIMARY KEY, record_id TEXT NOT NULL, data BLOB NOT NULL, modified TEXT NOT NULL, variant INTEGER NOT NULL,
  parent_key INTEGER REFERENCES Records(key) ON DELETE SET NULL) STRICT;
CREATE TABLE Identifiers(
  name TEXT NOT NULL PRIMARY KEY, record_key INTEGER NOT NULL REFERENCES Records(key) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
CREATE TABLE NullRecords(record_id TEXT NOT NULL PRIMARY KEY, attempted TEXT NOT NULL) STRICT;
