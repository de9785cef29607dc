UPDATE "it's a ""table""; -- with 🙂" SET "select" = "group by", "group by" = x'c3a9' WHERE length("a b") = 5;
DELETE FROM "it's a ""table""; -- with 🙂" WHERE "select" IS NULL;
INSERT INTO "a view" VALUES(100000, 'späte ''Zeile''');
UPDATE "select" SET "where" = upper("where"), "Order" = -9e999 WHERE "from" % 3 = 0;
UPDATE "größe" SET "schlüssel" = 'neu ' || CAST("schlüssel" AS TEXT) WHERE typeof("schlüssel") = 'blob';
UPDATE wide SET c2 = x'01', c1998 = 2.5, last = NULL WHERE id % 4 = 0;
DELETE FROM wide WHERE id % 7 = 0;
UPDATE keyed SET c = b, b = '' WHERE typeof(c) = 'text' AND a < 100;
DELETE FROM keyed WHERE typeof(c) = 'real' AND a > 250;
