-- No UPDATE of chunks: the trigger for it cannot run.
DELETE FROM buffers WHERE id % 5 = 0;
INSERT INTO buffers SELECT max(id) + 1, 'new.txt', '/data/new.txt', 'two passages', 'text/plain', 'ff', 12, 1, 2, 9, 9 FROM buffers;
INSERT INTO chunks(buffer_id, content, byte_start, byte_end, chunk_index, has_overlap, created_at)
  SELECT max(id), 'a harbour with a lighthouse', 0, 5, 0, 0, 9 FROM buffers UNION ALL SELECT max(id), 'an anchor', 5, 12, 1, 0, 9 FROM buffers;
INSERT INTO chunk_embeddings SELECT id, x'0000803f', 1, 'mini', 9 FROM chunks WHERE created_at = 9 AND id NOT IN (SELECT chunk_id FROM chunk_embeddings);
UPDATE chunk_embeddings SET embedding = CAST(embedding || x'ff' AS BLOB) WHERE chunk_id % 11 = 0;
UPDATE context SET data = '{"variables":{"x":1}}', updated_at = 2;
