-- A repository of research data, of the shape InvenioRDM gives its database on SQLite: UUID keys as
-- 16 bytes, documents as JSON text, generated columns on paths of it, versions beside the records.
PRAGMA user_version = 12;
CREATE TABLE accounts_user(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id INTEGER PRIMARY KEY, username VARCHAR(255),
  email VARCHAR(255), password VARCHAR(255), active BOOLEAN, version_id INTEGER NOT NULL);
CREATE UNIQUE INDEX uq_user_email ON accounts_user(email);
CREATE UNIQUE INDEX uq_user_name ON accounts_user(username);
CREATE TABLE communities_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, slug VARCHAR(100) NOT NULL, deletion_status VARCHAR(1) NOT NULL);
CREATE UNIQUE INDEX uq_community_slug ON communities_metadata(slug);
CREATE TABLE files_files(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, uri TEXT,
  storage_class VARCHAR(1), size BIGINT, checksum VARCHAR(255), readable BOOLEAN NOT NULL,
  writable BOOLEAN NOT NULL, last_check_at DATETIME, last_check BOOLEAN);
CREATE UNIQUE INDEX uq_file_uri ON files_files(uri);
CREATE TABLE files_location(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL,
  uri VARCHAR(255) NOT NULL, "default" BOOLEAN NOT NULL);
CREATE UNIQUE INDEX uq_location_name ON files_location(name);
CREATE TABLE rdm_parents_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL);
CREATE TABLE rdm_records_access_request_tokens(
  id BINARY(16) NOT NULL PRIMARY KEY, token VARCHAR(512) NOT NULL, created DATETIME NOT NULL,
  expires_at DATETIME NOT NULL, email VARCHAR(255) NOT NULL, full_name VARCHAR(255) NOT NULL,
  message TEXT NOT NULL, record_pid VARCHAR(255) NOT NULL,
  consent_to_share_personal_data VARCHAR(255) NOT NULL);
CREATE INDEX ix_request_token_created ON rdm_records_access_request_tokens(created);
CREATE TABLE rdm_records_metadata_version(
  created DATETIME, updated DATETIME, id BINARY(16) NOT NULL, json TEXT, version_id INTEGER,
  parent_id BINARY(16), bucket_id BINARY(16), transaction_id BIGINT NOT NULL, end_transaction_id BIGINT,
  operation_type SMALLINT NOT NULL, PRIMARY KEY(id, transaction_id));
CREATE INDEX ix_version_transaction ON rdm_records_metadata_version(transaction_id);
CREATE INDEX ix_version_operation ON rdm_records_metadata_version(operation_type);
CREATE INDEX ix_version_end ON rdm_records_metadata_version(end_transaction_id);
CREATE INDEX ix_version_bucket ON rdm_records_metadata_version(bucket_id);
CREATE TABLE rdm_records_secret_links(
  id BINARY(16) NOT NULL PRIMARY KEY, token TEXT NOT NULL, created DATETIME NOT NULL, expires_at DATETIME,
  permission_level VARCHAR NOT NULL, origin VARCHAR(255) NOT NULL, description TEXT NOT NULL);
CREATE INDEX ix_secret_created ON rdm_records_secret_links(created);
CREATE TABLE records_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL);
CREATE TABLE request_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, number VARCHAR(50), expires_at DATETIME);
CREATE UNIQUE INDEX uq_request_number ON request_metadata(number);
CREATE INDEX ix_request_expires ON request_metadata(expires_at);
CREATE TABLE files_bucket(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY,
  default_location INTEGER NOT NULL REFERENCES files_location(id) ON DELETE RESTRICT,
  default_storage_class VARCHAR(1) NOT NULL, size BIGINT NOT NULL, quota_size BIGINT, max_file_size BIGINT,
  locked BOOLEAN NOT NULL, deleted BOOLEAN NOT NULL);
CREATE TABLE rdm_parents_community(
  community_id BINARY(16) NOT NULL REFERENCES communities_metadata(id) ON DELETE CASCADE,
  record_id BINARY(16) NOT NULL REFERENCES rdm_parents_metadata(id) ON DELETE CASCADE,
  request_id BINARY(16) REFERENCES request_metadata(id) ON DELETE SET NULL,
  PRIMARY KEY(community_id, record_id));
CREATE INDEX ix_parents_community_record ON rdm_parents_community(record_id);
CREATE TABLE rdm_records_quota(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY,
  parent_id BINARY(16) REFERENCES rdm_parents_metadata(id) ON DELETE CASCADE, user_id INTEGER,
  quota_size BIGINT NOT NULL, max_file_size BIGINT NOT NULL, notes TEXT NOT NULL);
CREATE INDEX ix_quota_user ON rdm_records_quota(user_id);
CREATE UNIQUE INDEX uq_quota_parent ON rdm_records_quota(parent_id);
CREATE TABLE rdm_users_quota(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY,
  user_id INTEGER REFERENCES accounts_user(id) ON DELETE CASCADE, quota_size BIGINT NOT NULL,
  max_file_size BIGINT NOT NULL, notes TEXT NOT NULL);
CREATE UNIQUE INDEX uq_users_quota_user ON rdm_users_quota(user_id);
CREATE TABLE files_buckettags(
  bucket_id BINARY(16) NOT NULL REFERENCES files_bucket(id) ON DELETE CASCADE, key VARCHAR(255) NOT NULL,
  value TEXT NOT NULL, PRIMARY KEY(bucket_id, key));
CREATE TABLE files_object(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, version_id BINARY(16) NOT NULL PRIMARY KEY,
  key TEXT NOT NULL, bucket_id BINARY(16) NOT NULL REFERENCES files_bucket(id) ON DELETE RESTRICT,
  file_id BINARY(16) REFERENCES files_files(id) ON DELETE RESTRICT, mimetype VARCHAR(255),
  is_head BOOLEAN NOT NULL);
CREATE INDEX ix_object_mimetype ON files_object(mimetype);
CREATE INDEX ix_object_bucket ON files_object(bucket_id);
CREATE UNIQUE INDEX uq_object ON files_object(bucket_id, version_id, key);
CREATE TABLE rdm_drafts_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, parent_id BINARY(16) REFERENCES rdm_parents_metadata(id) ON DELETE RESTRICT,
  "index" INTEGER, bucket_id BINARY(16) REFERENCES files_bucket(id),
  media_bucket_id BINARY(16) REFERENCES files_bucket(id), fork_version_id INTEGER, expires_at DATETIME);
CREATE INDEX ix_draft_media ON rdm_drafts_metadata(media_bucket_id);
CREATE INDEX ix_draft_bucket ON rdm_drafts_metadata(bucket_id);
CREATE TABLE rdm_records_metadata(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, parent_id BINARY(16) REFERENCES rdm_parents_metadata(id) ON DELETE RESTRICT,
  "index" INTEGER, bucket_id BINARY(16) REFERENCES files_bucket(id),
  media_bucket_id BINARY(16) REFERENCES files_bucket(id), deletion_status VARCHAR(1) NOT NULL,
  resource_type TEXT AS (json_extract(json, '$.metadata.resource_type.id')) VIRTUAL,
  access_status TEXT AS (json_extract(json, '$.access.status')) VIRTUAL);
-- As a later migration adds it: a stored column is refused on a table that may have rows.
ALTER TABLE rdm_records_metadata ADD COLUMN
  pub_year INTEGER AS (CAST(substr(json_extract(json, '$.metadata.publication_date'), 1, 4) AS INTEGER)) VIRTUAL;
CREATE INDEX ix_record_year ON rdm_records_metadata(pub_year);
CREATE INDEX ix_record_access ON rdm_records_metadata(access_status);
CREATE INDEX ix_record_type ON rdm_records_metadata(resource_type);
CREATE INDEX ix_record_media ON rdm_records_metadata(media_bucket_id);
CREATE INDEX ix_record_bucket ON rdm_records_metadata(bucket_id);
CREATE TABLE files_objecttags(
  version_id BINARY(16) NOT NULL REFERENCES files_object(version_id) ON DELETE CASCADE,
  key VARCHAR(255) NOT NULL, value TEXT NOT NULL, PRIMARY KEY(version_id, key));
CREATE TABLE rdm_drafts_files(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, key TEXT NOT NULL,
  record_id BINARY(16) NOT NULL REFERENCES rdm_drafts_metadata(id) ON DELETE RESTRICT,
  object_version_id BINARY(16) REFERENCES files_object(version_id) ON DELETE RESTRICT);
CREATE UNIQUE INDEX uq_draft_file ON rdm_drafts_files(record_id, key);
CREATE INDEX ix_draft_file_object ON rdm_drafts_files(object_version_id);
CREATE TABLE rdm_drafts_media_files(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, key TEXT NOT NULL,
  record_id BINARY(16) NOT NULL REFERENCES rdm_drafts_metadata(id) ON DELETE RESTRICT,
  object_version_id BINARY(16) REFERENCES files_object(version_id) ON DELETE RESTRICT);
CREATE UNIQUE INDEX uq_draft_media_file ON rdm_drafts_media_files(record_id, key);
CREATE TABLE rdm_records_files(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, key TEXT NOT NULL,
  record_id BINARY(16) NOT NULL REFERENCES rdm_records_metadata(id) ON DELETE RESTRICT,
  object_version_id BINARY(16) REFERENCES files_object(version_id) ON DELETE RESTRICT);
CREATE UNIQUE INDEX uq_record_file ON rdm_records_files(record_id, key);
CREATE INDEX ix_record_file_object ON rdm_records_files(object_version_id);
CREATE TABLE rdm_records_media_files(
  created DATETIME NOT NULL, updated DATETIME NOT NULL, id BINARY(16) NOT NULL PRIMARY KEY, json TEXT,
  version_id INTEGER NOT NULL, key TEXT NOT NULL,
  record_id BINARY(16) NOT NULL REFERENCES rdm_records_metadata(id) ON DELETE RESTRICT,
  object_version_id BINARY(16) REFERENCES files_object(version_id) ON DELETE RESTRICT);
CREATE UNIQUE INDEX uq_record_media_file ON rdm_records_media_files(record_id, key);
CREATE TABLE rdm_versions_state(
  parent_id BINARY(16) NOT NULL PRIMARY KEY REFERENCES rdm_parents_metadata(id) ON DELETE CASCADE,
  latest_id BINARY(16) REFERENCES rdm_records_metadata(id), latest_index INTEGER,
  next_draft_id BINARY(16) REFERENCES rdm_drafts_metadata(id));
