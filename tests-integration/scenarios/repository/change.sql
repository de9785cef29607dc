-- One bulk job: documents edited (and with them the generated columns' indexes), versions closed, users and a community gone by cascade.
UPDATE rdm_records_metadata
  SET json = json_set(json, '$.access.status', 'embargoed', '$.metadata.publication_date', '2027-01-01'), version_id = version_id + 1,
    updated = '2026-11-24'
  WHERE pub_year < 1995;
UPDATE rdm_records_metadata_version SET end_transaction_id = 100000
  WHERE id IN (SELECT id FROM rdm_records_metadata WHERE version_id = 2);
INSERT INTO rdm_records_metadata_version
  SELECT created, updated, id, json, 2, parent_id, bucket_id, 100000, NULL, 1 FROM rdm_records_metadata WHERE version_id = 2;
INSERT INTO rdm_drafts_metadata
  SELECT '2026-11-24', '2026-11-24', unhex('ee' || substr(hex(id), 3)), json, 1, parent_id, 2, bucket_id, NULL, 2, '2026-12-24'
  FROM rdm_records_metadata WHERE version_id = 2 LIMIT 40;
UPDATE rdm_versions_state SET next_draft_id = (SELECT id FROM rdm_drafts_metadata d WHERE d.parent_id = rdm_versions_state.parent_id)
  WHERE parent_id IN (SELECT parent_id FROM rdm_drafts_metadata);
DELETE FROM accounts_user WHERE id % 7 = 3;
DELETE FROM communities_metadata WHERE slug = 'community-2';
