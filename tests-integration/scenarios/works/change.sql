UPDATE works SET metadata = unhex('28b52ffd00' || hex(metadata)), date_updated = '2026-11-24' WHERE provider = 'Crossref' AND rowid % 5 = 0;
DELETE FROM works WHERE date_published = '';
REPLACE INTO settings VALUES('seeded', '2026-11-24');
UPDATE organizations SET name = 'École ' || name, names_flat = names_flat || ' École' WHERE status = 'withdrawn';
DELETE FROM organizations WHERE rowid % 17 = 0;
INSERT INTO organizations_fts(organizations_fts) VALUES('rebuild');
