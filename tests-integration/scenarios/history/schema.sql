-- A browser's history: tables without rowid, compound and partial indexes, cascades.
PRAGMA user_version = 70;
CREATE TABLE urls(id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT, title TEXT, visit_count INTEGER NOT NULL DEFAULT 0, hidden INTEGER NOT NULL DEFAULT 0);
CREATE INDEX urls_by_url ON urls(url);
CREATE TABLE visits(
  id INTEGER PRIMARY KEY AUTOINCREMENT, url INTEGER NOT NULL REFERENCES urls(id) ON DELETE CASCADE, visit_time INTEGER NOT NULL,
  from_visit INTEGER, duration REAL NOT NULL DEFAULT 0);
CREATE INDEX visits_by_time ON visits(visit_time) WHERE duration > 0;
CREATE INDEX visits_by_url ON visits(url, visit_time DESC);
CREATE TABLE content_annotations(
  visit_id INTEGER NOT NULL REFERENCES visits(id) ON DELETE CASCADE, kind TEXT NOT NULL, score NUMERIC, PRIMARY KEY(visit_id, kind)) WITHOUT ROWID;
CREATE TABLE favicons(page_url TEXT COLLATE NOCASE NOT NULL, size INTEGER NOT NULL, image BLOB, PRIMARY KEY(page_url, size DESC)) WITHOUT ROWID;
