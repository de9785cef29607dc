-- A store with DynamoDB's interface: catalogue, access rights, streams, counters, and a table for each table of the user's.
CREATE TABLE accounts(account_id TEXT NOT NULL PRIMARY KEY, account_name TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL);
CREATE TABLE tables(
  account_id TEXT NOT NULL REFERENCES accounts(account_id) ON DELETE CASCADE, table_name TEXT NOT NULL, key_schema TEXT NOT NULL,
  attribute_definitions TEXT NOT NULL, billing_mode TEXT NOT NULL, provisioned_throughput TEXT, stream_specification TEXT,
  table_status TEXT NOT NULL, creation_date_time TEXT NOT NULL, table_size_bytes INTEGER NOT NULL DEFAULT 0,
  item_count INTEGER NOT NULL DEFAULT 0, table_arn TEXT NOT NULL, table_id TEXT NOT NULL UNIQUE, ttl_attribute TEXT,
  deletion_protection_enabled INTEGER NOT NULL DEFAULT 0, status_transition_at TEXT, stream_label TEXT,
  ttl_index_ready INTEGER NOT NULL DEFAULT 0, table_class TEXT, sse_specification TEXT, on_demand_throughput TEXT,
  PRIMARY KEY(account_id, table_name));
CREATE INDEX ix_tables_transition ON tables(status_transition_at) WHERE status_transition_at IS NOT NULL;
CREATE TABLE indexes(
  table_id TEXT NOT NULL REFERENCES tables(table_id) ON DELETE CASCADE, index_id TEXT NOT NULL, index_name TEXT NOT NULL,
  index_type TEXT NOT NULL, key_schema TEXT NOT NULL, projection TEXT NOT NULL, index_status TEXT NOT NULL,
  provisioned_throughput TEXT, propagation_delay_ms INTEGER, PRIMARY KEY(table_id, index_name));
CREATE TABLE vector_indexes(
  table_id TEXT NOT NULL REFERENCES tables(table_id) ON DELETE CASCADE, index_id TEXT NOT NULL UNIQUE, index_name TEXT NOT NULL,
  dimensions INTEGER NOT NULL, distance_function TEXT NOT NULL, vector_attribute TEXT NOT NULL, search_schema TEXT,
  projection TEXT NOT NULL, index_status TEXT NOT NULL, backfilling INTEGER, skipped_item_count INTEGER,
  PRIMARY KEY(table_id, index_name));
CREATE TABLE tags(resource_arn TEXT NOT NULL, tag_key TEXT NOT NULL, tag_value TEXT NOT NULL, PRIMARY KEY(resource_arn, tag_key));
CREATE TABLE schema_history(filename TEXT NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL);
CREATE TABLE settings(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE stream_shards(
  shard_id TEXT NOT NULL PRIMARY KEY, table_id TEXT NOT NULL REFERENCES tables(table_id) ON DELETE CASCADE, parent_shard_id TEXT,
  starting_sequence_number TEXT NOT NULL, ending_sequence_number TEXT, created_at TEXT NOT NULL);
CREATE INDEX ix_shards_table ON stream_shards(table_id);
CREATE TABLE stream_records(
  shard_id TEXT NOT NULL REFERENCES stream_shards(shard_id) ON DELETE CASCADE, sequence_number TEXT NOT NULL, table_id TEXT NOT NULL,
  event_name TEXT NOT NULL, record_data TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY(shard_id, sequence_number));
CREATE INDEX ix_records_created ON stream_records(created_at);
CREATE TABLE admin_users(admin_name TEXT NOT NULL PRIMARY KEY, password_hash TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE iam_users(
  account_id TEXT NOT NULL REFERENCES accounts(account_id) ON DELETE CASCADE, user_name TEXT NOT NULL, user_arn TEXT NOT NULL UNIQUE,
  password_hash TEXT, created_at TEXT NOT NULL, PRIMARY KEY(account_id, user_name));
CREATE TABLE iam_user_tags(
  account_id TEXT NOT NULL, user_name TEXT NOT NULL, tag_key TEXT NOT NULL, tag_value TEXT NOT NULL,
  PRIMARY KEY(account_id, user_name, tag_key),
  FOREIGN KEY(account_id, user_name) REFERENCES iam_users(account_id, user_name) ON DELETE CASCADE);
CREATE TABLE access_keys(
  access_key_id TEXT NOT NULL PRIMARY KEY, secret_key_encrypted BLOB NOT NULL, account_id TEXT NOT NULL, user_name TEXT NOT NULL,
  is_active INTEGER NOT NULL, created_at TEXT NOT NULL,
  FOREIGN KEY(account_id, user_name) REFERENCES iam_users(account_id, user_name) ON DELETE CASCADE);
CREATE TABLE iam_groups(
  account_id TEXT NOT NULL REFERENCES accounts(account_id) ON DELETE CASCADE, group_name TEXT NOT NULL, group_arn TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL, PRIMARY KEY(account_id, group_name));
CREATE TABLE iam_group_members(
  account_id TEXT NOT NULL, group_name TEXT NOT NULL, user_name TEXT NOT NULL, PRIMARY KEY(account_id, group_name, user_name),
  FOREIGN KEY(account_id, user_name) REFERENCES iam_users(account_id, user_name) ON DELETE CASCADE,
  FOREIGN KEY(account_id, group_name) REFERENCES iam_groups(account_id, group_name) ON DELETE CASCADE);
CREATE TABLE iam_roles(
  account_id TEXT NOT NULL REFERENCES accounts(account_id) ON DELETE CASCADE, role_name TEXT NOT NULL, role_arn TEXT NOT NULL UNIQUE,
  trust_policy TEXT NOT NULL, permissions_boundary_arn TEXT, created_at TEXT NOT NULL, PRIMARY KEY(account_id, role_name));
CREATE TABLE iam_sessions(
  session_token TEXT NOT NULL PRIMARY KEY, access_key_id TEXT NOT NULL UNIQUE, secret_key_encrypted BLOB NOT NULL,
  account_id TEXT NOT NULL, role_name TEXT NOT NULL, session_name TEXT NOT NULL, session_tags TEXT, session_policy TEXT,
  expires_at TEXT NOT NULL, created_at TEXT NOT NULL,
  FOREIGN KEY(account_id, role_name) REFERENCES iam_roles(account_id, role_name) ON DELETE CASCADE);
CREATE TABLE iam_policies(
  account_id TEXT NOT NULL REFERENCES accounts(account_id) ON DELETE CASCADE, principal_type TEXT NOT NULL, principal_name TEXT NOT NULL,
  policy_name TEXT NOT NULL, policy_document TEXT NOT NULL, created_at TEXT NOT NULL,
  PRIMARY KEY(account_id, principal_type, principal_name, policy_name));
CREATE TABLE idempotency_tokens(
  account_id TEXT NOT NULL, token TEXT NOT NULL, fingerprint TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY(account_id, token));
CREATE INDEX ix_idempotency_created ON idempotency_tokens(created_at);
CREATE TABLE metrics(
  bucket TEXT NOT NULL, metric TEXT NOT NULL, table_name TEXT NOT NULL, index_name TEXT NOT NULL, operation TEXT NOT NULL,
  sum REAL NOT NULL, count INTEGER NOT NULL, min REAL NOT NULL, max REAL NOT NULL,
  PRIMARY KEY(bucket, metric, table_name, index_name, operation));
CREATE INDEX ix_metrics_bucket ON metrics(bucket);
CREATE TABLE login_attempts(principal TEXT NOT NULL, attempted_at TEXT NOT NULL, success INTEGER NOT NULL, source_ip TEXT);
CREATE INDEX ix_attempts_ip ON login_attempts(source_ip, attempted_at) WHERE success = 0;
CREATE INDEX ix_attempts_principal ON login_attempts(principal, attempted_at);
CREATE TABLE backups(
  backup_arn TEXT NOT NULL PRIMARY KEY, backup_name TEXT NOT NULL, table_id TEXT NOT NULL, table_name TEXT NOT NULL,
  account_id TEXT NOT NULL, backup_status TEXT NOT NULL, backup_size_bytes INTEGER NOT NULL, item_count INTEGER NOT NULL,
  key_schema TEXT NOT NULL, attribute_definitions TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE backup_items(
  backup_arn TEXT NOT NULL REFERENCES backups(backup_arn) ON DELETE CASCADE, pk TEXT NOT NULL, sk TEXT, item_data TEXT NOT NULL);
CREATE INDEX ix_backup_items ON backup_items(backup_arn);
CREATE TABLE gsi_pending(
  id INTEGER PRIMARY KEY AUTOINCREMENT, table_id TEXT NOT NULL, worker_partition INTEGER NOT NULL, old_item TEXT, new_item TEXT,
  index_context TEXT NOT NULL, ready_at TEXT NOT NULL);
CREATE INDEX ix_gsi_next ON gsi_pending(worker_partition, ready_at, id);
CREATE TABLE seq_counters(name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL);
-- One table of the user's with a text sort key, one with a number as sort key.
CREATE TABLE "_ddb_sample"(pk TEXT NOT NULL, sk TEXT NOT NULL, item_data TEXT NOT NULL, PRIMARY KEY(pk, sk));
CREATE TABLE "_ddb_sample_numbers"(pk TEXT NOT NULL, sk REAL NOT NULL, item_data TEXT NOT NULL, PRIMARY KEY(pk, sk));
