INSERT INTO urls(url, title, visit_count)
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 2)
  SELECT 'https://example.org/' || i, CASE WHEN i % 4 THEN 'Page ' || i END, i % 9 FROM n;
INSERT INTO visits(url, visit_time, from_visit, duration)
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT 1 + i % (:rows / 2), 13300000000000000 + i * 1000003, NULLIF(i - 1, 0), (i % 5) * 1.25 FROM n;
INSERT INTO content_annotations SELECT id, CASE id % 2 WHEN 0 THEN 'search' ELSE 'read' END, id * 0.1 FROM visits WHERE id % 3 = 0;
INSERT INTO favicons SELECT url, 16 * (1 + id % 2), CAST(zeroblob(id % 400) AS BLOB) FROM urls WHERE id % 5 = 0;
