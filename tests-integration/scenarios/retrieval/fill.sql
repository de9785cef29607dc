INSERT INTO schema_info VALUES('version', '3');
INSERT INTO context VALUES(1, '{"variables":{}}', 1, 1);
INSERT INTO buffers
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 10)
  SELECT i, 'file-' || i || '.txt', '/data/file-' || i || '.txt', printf('%.*c', 500, 'a'), 'text/plain', printf('%064x', i), 500, 10, 10, i, i FROM n;
INSERT INTO chunks
  WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 10 * 10 - 1)
  SELECT i + 1, i / 10 + 1, 'passage ' || i || ' tells of locking, journals and ' || CASE i % 3 WHEN 0 THEN 'mountains' WHEN 1 THEN 'rivers' ELSE 'harbours' END,
    i % 10 * 50, i % 10 * 50 + 50, i % 10, 'fixed', 12, i % 10, i % 10 + 1, 0, printf('%064x', i), NULL, i FROM n;
INSERT INTO chunk_embeddings SELECT id, zeroblob(384), 96, 'mini', created_at FROM chunks;
