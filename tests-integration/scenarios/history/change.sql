DELETE FROM urls WHERE id % 8 = 0;
UPDATE visits SET duration = -duration, from_visit = NULL WHERE id % 6 = 1;
UPDATE favicons SET size = size + 16 WHERE size = 32;
UPDATE favicons SET page_url = upper(page_url) WHERE size = 16;
INSERT INTO visits(url, visit_time, duration) SELECT id, 13400000000000000, 9e999 FROM urls LIMIT 20;
UPDATE content_annotations SET score = CAST(score AS INTEGER) WHERE kind = 'read';
