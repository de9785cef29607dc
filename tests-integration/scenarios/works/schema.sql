-- Metadata of scholarly works: compressed originals as BLOBs, partial indexes, a full-text index over another table's rows that the
-- application rebuilds by itself (no triggers).
PRAGMA user_version = 7;
CREATE TABLE settings(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE works(
  id TEXT NOT NULL PRIMARY KEY, type TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL, subjects TEXT NOT NULL, language TEXT NOT NULL,
  date_published TEXT NOT NULL, date_updated TEXT NOT NULL, provider TEXT NOT NULL, metadata BLOB NOT NULL);
CREATE INDEX ix_works_provider ON works(provider);
CREATE INDEX ix_works_updated ON works(date_updated);
CREATE INDEX ix_works_published ON works(date_published) WHERE date_published <> '';
CREATE INDEX ix_works_type ON works(type);
CREATE TABLE organizations(
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, types TEXT NOT NULL, locations TEXT NOT NULL, names TEXT NOT NULL,
  external_ids TEXT NOT NULL, date_updated TEXT NOT NULL, names_flat TEXT NOT NULL, metadata BLOB NOT NULL);
CREATE INDEX ix_organizations_updated ON organizations(date_updated);
CREATE INDEX ix_organizations_status ON organizations(status);
CREATE VIRTUAL TABLE organizations_fts USING fts5(
  name, names_flat, content="organizations", content_rowid="rowid", tokenize="unicode61 remove_diacritics 1");
