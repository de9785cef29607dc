INSERT INTO settings VALUES('schema', '7'), ('seeded', '2026-11-01');
INSERT INTO works
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT 'https://doi.org/10.5555/' || printf('%08x', i * 2654435761 % 4294967296) || '-' || i, CASE i % 3 WHEN 0 THEN 'Article' ELSE 'Dataset' END,
    'https://example.org/works/' || i, 'Über die Größe ' || i || ' – 研究', '[]', 'en', CASE WHEN i % 9 THEN printf('20%02d-03-01', i % 25) ELSE '' END,
    '2026-10-01', CASE i % 2 WHEN 0 THEN 'Crossref' ELSE 'DataCite' END,
    unhex('28b52ffd' || printf('%0*x', 2 * (60 + i % 900), i)) FROM n;
INSERT INTO organizations
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows / 4)
  SELECT 'https://ror.org/' || i, 'Universität ' || i, CASE i % 10 WHEN 0 THEN 'withdrawn' ELSE 'active' END, '["education"]', '[]',
    json_array('Universität ' || i, 'University ' || i), '{}', '2026-10-01', 'Universität ' || i || ' University ' || i, zeroblob(i % 50)
  FROM n;
INSERT INTO organizations_fts(organizations_fts) VALUES('rebuild');
