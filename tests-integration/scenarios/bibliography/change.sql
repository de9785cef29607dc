DELETE FROM Records WHERE key % 20 = 1;
UPDATE Identifiers SET name = 'renamed:' || name WHERE name LIKE 'alias:%9';
UPDATE Records SET data = CAST(x'00ff' || data AS BLOB), modified = '2026-11-24' WHERE key % 13 = 0;
UPDATE Records SET parent_key = key WHERE key % 40 = 0;
INSERT INTO Records VALUES(-9223372036854775808, 'edge:least', zeroblob(0), '', 1, NULL), (9223372036854775807, 'edge:greatest', zeroblob(3000), '', 1, NULL);
DELETE FROM NullRecords;
