INSERT INTO Records
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT i, 'zbmath:' || i, CAST('@article{' || printf('%.*c', i % 300, 'b') || '}' AS BLOB), '2026-01-01', 0,
    CASE WHEN i % 10 = 0 THEN i - 9 END FROM n;
INSERT INTO Identifiers SELECT record_id, key FROM Records;
INSERT INTO Identifiers SELECT 'alias:' || key, key FROM Records WHERE key % 3 = 0;
INSERT INTO NullRecords SELECT 'missing:' || key, '2026-01-01' FROM Records WHERE key % 50 = 0;
