CREATE TEMP TABLE numbers AS
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT i FROM n;
INSERT INTO accounts SELECT printf('%012d', i), 'account ' || i, '2026-01-01' FROM numbers WHERE i <= :rows / 100 + 2;
INSERT INTO tables(account_id, table_name, key_schema, attribute_definitions, billing_mode, table_status, creation_date_time, table_arn, table_id,
    status_transition_at)
  SELECT account_id, 't-' || i, '[{"pk":"HASH"},{"sk":"RANGE"}]', '[]', 'PAY_PER_REQUEST', CASE i % 7 WHEN 0 THEN 'CREATING' ELSE 'ACTIVE' END,
    '2026-01-01', 'arn:aws:dynamodb:local:' || account_id || ':table/t-' || i, account_id || '/t-' || i, CASE i % 7 WHEN 0 THEN '2026-01-02' END
  FROM accounts, numbers WHERE i <= 9;
INSERT INTO indexes SELECT table_id, 'ix-' || rowid, 'by-date', 'GSI', '[]', 'ALL', 'ACTIVE', NULL, rowid % 5 FROM tables;
INSERT INTO vector_indexes SELECT table_id, 'vx-' || rowid, 'by-meaning', 384, 'cosine', 'v', NULL, 'KEYS_ONLY', 'ACTIVE', 0, NULL FROM tables WHERE rowid % 3 = 0;
INSERT INTO stream_shards SELECT 'shard-' || table_id, table_id, NULL, '0', NULL, '2026-01-01' FROM tables;
INSERT INTO stream_records
  SELECT shard_id, printf('%020d', i), table_id, CASE i % 3 WHEN 0 THEN 'REMOVE' WHEN 1 THEN 'INSERT' ELSE 'MODIFY' END, '{}', printf('2026-01-%02d', 1 + i % 28)
  FROM stream_shards, numbers WHERE i <= 20;
INSERT INTO iam_users SELECT account_id, 'alice', 'arn:' || account_id || ':user/alice', NULL, '2026-01-01' FROM accounts;
INSERT INTO iam_users SELECT account_id, 'bob', 'arn:' || account_id || ':user/bob', 'x', '2026-01-01' FROM accounts;
INSERT INTO iam_user_tags SELECT account_id, user_name, 'team', 'storage' FROM iam_users;
INSERT INTO access_keys SELECT 'AK' || rowid, randomblob(0) || unhex(printf('%032x', rowid)), account_id, user_name, 1, '2026-01-01' FROM iam_users;
INSERT INTO iam_groups SELECT account_id, 'admins', 'arn:' || account_id || ':group/admins', '2026-01-01' FROM accounts;
INSERT INTO iam_group_members SELECT account_id, 'admins', user_name FROM iam_users;
INSERT INTO iam_roles SELECT account_id, 'reader', 'arn:' || account_id || ':role/reader', '{}', NULL, '2026-01-01' FROM accounts;
INSERT INTO iam_sessions SELECT 'token-' || rowid, 'SK' || rowid, x'00', account_id, role_name, 's', NULL, NULL, '2026-12-31', '2026-01-01' FROM iam_roles;
INSERT INTO iam_policies SELECT account_id, 'user', user_name, 'all', '{"Effect":"Allow"}', '2026-01-01' FROM iam_users;
INSERT INTO idempotency_tokens SELECT printf('%012d', 1), 'tok-' || i, 'f', '2026-01-01' FROM numbers WHERE i % 10 = 0;
INSERT INTO metrics SELECT printf('2026-01-01T%02d', i % 24), 'latency', 't-' || i, '', 'GetItem', i * 0.1, i, -9e999, 9e999 FROM numbers WHERE i <= 200;
INSERT INTO login_attempts SELECT 'alice', printf('2026-01-01T00:%02d', i % 60), i % 2, '192.0.2.' || (i % 250) FROM numbers WHERE i <= 100;
INSERT INTO backups SELECT 'arn:backup/' || rowid, 'nightly', table_id, table_name, account_id, 'AVAILABLE', 0, 3, '[]', '[]', '2026-01-01' FROM tables WHERE rowid % 4 = 0;
INSERT INTO backup_items SELECT backup_arn, 'pk' || i, NULL, '{"pk":{"S":"pk"}}' FROM backups, numbers WHERE i <= 3;
INSERT INTO gsi_pending(table_id, worker_partition, new_item, index_context, ready_at) SELECT 't', i % 4, '{}', '{}', '2026-01-01' FROM numbers WHERE i <= 50;
INSERT INTO seq_counters SELECT 'stream', 20 UNION ALL SELECT 'least', -9223372036854775808;
INSERT INTO "_ddb_sample" SELECT 'user#' || (i % 97), 'order#' || i, json_object('total', json_object('N', CAST(i AS TEXT))) FROM numbers;
INSERT INTO "_ddb_sample_numbers" SELECT 'sensor#' || (i % 13), i * 0.37 - 100, '{}' FROM numbers;
INSERT INTO "_ddb_sample_numbers" VALUES('edge', 9e999, '{"at":"+Inf"}'), ('edge', -9e999, '{"at":"-Inf"}'), ('edge', -0.0, '{"at":"-0"}'), ('edge', 5e-324, '{}');
DROP TABLE numbers;
