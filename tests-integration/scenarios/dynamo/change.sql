-- A tenant leaves: everything of it goes by cascade. Others work on.
DELETE FROM accounts WHERE account_id = printf('%012d', 2);
UPDATE "_ddb_sample" SET item_data = json_set(item_data, '$.state', json_object('S', 'paid')) WHERE pk = 'user#5';
DELETE FROM "_ddb_sample_numbers" WHERE pk = 'edge' AND sk = -9e999;
UPDATE "_ddb_sample_numbers" SET sk = -sk WHERE pk = 'edge' AND abs(sk) > 1;
UPDATE "_ddb_sample_numbers" SET item_data = '{"moved":true}' WHERE pk = 'sensor#3' AND sk < 0;
DELETE FROM "_ddb_sample" WHERE pk = 'user#96';
UPDATE seq_counters SET value = value + 1;
INSERT INTO stream_records SELECT shard_id, printf('%020d', 21), table_id, 'MODIFY', '{"n":1}', '2026-11-24' FROM stream_shards;
DELETE FROM stream_records WHERE created_at = '2026-01-02';
UPDATE metrics SET sum = 9e999, max = 9e999 WHERE bucket = '2026-01-01T05';
UPDATE tables SET table_status = 'ACTIVE', status_transition_at = NULL WHERE table_status = 'CREATING';
DELETE FROM gsi_pending WHERE worker_partition = 2;
UPDATE iam_users SET password_hash = NULL WHERE user_name = 'bob';
DELETE FROM iam_groups WHERE account_id LIKE '%3';
