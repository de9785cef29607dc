CREATE TEMP TABLE numbers AS
  WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT i FROM n;
INSERT INTO "it's a ""table""; -- with 🙂" SELECT 'k ''' || i,
  CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN i * 0.5 WHEN 3 THEN 't' || i ELSE zeroblob(i % 9) END, zeroblob(i % 3) FROM numbers;
INSERT INTO "a view" SELECT i, 'Name ' || i FROM numbers WHERE i <= 300;
INSERT INTO plain SELECT i % 10, 'b' FROM numbers WHERE i <= 100;
INSERT INTO "größe" SELECT CASE i % 3 WHEN 0 THEN i WHEN 1 THEN CAST(i AS TEXT) ELSE CAST(CAST(i AS TEXT) AS BLOB) END, char(128512 + i % 50)
  FROM numbers WHERE i <= 300;
INSERT INTO wide(id, c1, c1000, c1998, last) SELECT i, i, printf('%.*c', i * 40, 'w'), -i, CASE WHEN i % 2 THEN 'x' END FROM numbers WHERE i <= 60;
INSERT INTO keyed SELECT i, 'b' || i, CASE i % 4 WHEN 0 THEN 'text' WHEN 1 THEN 1.5 ELSE x'00' END FROM numbers WHERE i <= 300;
DROP TABLE numbers;
