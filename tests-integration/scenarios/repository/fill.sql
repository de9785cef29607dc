-- :rows records, each with parent, bucket, one file and its version; identifiers are 16 bytes from the row's number.
INSERT INTO files_location VALUES('2026-01-01', '2026-01-01', 1, 'default', 'file:///data', 1);
INSERT INTO accounts_user
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 20 + 1)
  SELECT '2026-01-01', '2026-01-01', i, 'user' || i, 'user' || i || '@example.org', NULL, 1, 1 FROM n;
INSERT INTO communities_metadata
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 50 + 1)
  SELECT '2026-01-01', '2026-01-01', unhex(printf('c0%030x', i)), json_object('metadata', json_object('title', 'Community ' || i)),
    1, 'community-' || i, 'P' FROM n;
CREATE TEMP TABLE numbers AS
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT i FROM n;
INSERT INTO rdm_parents_metadata
  SELECT '2026-01-01', '2026-01-01', unhex(printf('a0%030x', i)), json_object('access', json_object('owned_by', 'user' || i)), 1 FROM numbers;
INSERT INTO files_bucket
  SELECT '2026-01-01', '2026-01-01', unhex(printf('b0%030x', i)), 1, 'L', i * 1000, NULL, NULL, 0, 0 FROM numbers;
INSERT INTO files_files
  SELECT '2026-01-01', '2026-01-01', unhex(printf('f0%030x', i)), 'file:///data/' || i, 'L', i * 1000,
    'md5:' || hex(zeroblob(16)), 1, 0, NULL, NULL FROM numbers;
INSERT INTO files_object
  SELECT '2026-01-01', '2026-01-01', unhex(printf('d0%030x', i)), 'data-' || i || '.csv', unhex(printf('b0%030x', i)),
    unhex(printf('f0%030x', i)), CASE i % 3 WHEN 0 THEN 'text/csv' WHEN 1 THEN 'application/pdf' ELSE 'image/png' END, 1 FROM numbers;
INSERT INTO rdm_records_metadata(created, updated, id, json, version_id, parent_id, "index", bucket_id, media_bucket_id, deletion_status)
  SELECT '2026-01-01', '2026-01-01', unhex(printf('e0%030x', i)),
    json_object('metadata', json_object('title', 'Title of record ' || i, 'publication_date', printf('%d-%02d-01', 1990 + i % 36, 1 + i % 12),
        'resource_type', json_object('id', CASE i % 4 WHEN 0 THEN 'dataset' WHEN 1 THEN 'publication' WHEN 2 THEN 'software' ELSE 'image' END),
        'description', printf('%.*c', 200 + i % 700, 'x')),
      'access', json_object('status', CASE i % 5 WHEN 0 THEN 'restricted' ELSE 'open' END)),
    1, unhex(printf('a0%030x', i)), 1, unhex(printf('b0%030x', i)), NULL, 'P' FROM numbers;
INSERT INTO rdm_records_files
  SELECT '2026-01-01', '2026-01-01', unhex(printf('e1%030x', i)), '{}', 1, 'data-' || i || '.csv', unhex(printf('e0%030x', i)),
    unhex(printf('d0%030x', i)) FROM numbers;
INSERT INTO rdm_records_metadata_version
  SELECT created, updated, id, json, 1, parent_id, bucket_id, rowid, NULL, 0 FROM rdm_records_metadata;
INSERT INTO rdm_parents_community
  SELECT unhex(printf('c0%030x', 1 + i % (:rows / 50 + 1))), unhex(printf('a0%030x', i)), NULL FROM numbers WHERE i % 2 = 0;
INSERT INTO rdm_versions_state
  SELECT unhex(printf('a0%030x', i)), unhex(printf('e0%030x', i)), 1, NULL FROM numbers;
INSERT INTO rdm_users_quota
  SELECT '2026-01-01', '2026-01-01', unhex(printf('90%030x', id)), id, 50000000000, 50000000000, '' FROM accounts_user;
DROP TABLE numbers;
