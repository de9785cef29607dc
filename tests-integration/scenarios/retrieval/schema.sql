-- A retrieval index: passages kept in step with a full-text index by triggers, one of them as broken as the public schema's.
CREATE TABLE schema_info(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE context(id INTEGER PRIMARY KEY, data TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE buffers(
  id INTEGER PRIMARY KEY, name TEXT, source_path TEXT, content TEXT NOT NULL, content_type TEXT, content_hash TEXT, size INTEGER NOT NULL,
  line_count INTEGER, chunk_count INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX ix_buffers_hash ON buffers(content_hash);
CREATE INDEX ix_buffers_name ON buffers(name);
CREATE TABLE chunks(
  id INTEGER PRIMARY KEY, buffer_id INTEGER NOT NULL REFERENCES buffers(id) ON DELETE CASCADE, content TEXT NOT NULL,
  byte_start INTEGER NOT NULL, byte_end INTEGER NOT NULL, chunk_index INTEGER NOT NULL, strategy TEXT, token_count INTEGER, line_start INTEGER,
  line_end INTEGER, has_overlap INTEGER NOT NULL, content_hash TEXT, custom_metadata TEXT, created_at INTEGER NOT NULL);
CREATE INDEX ix_chunks_order ON chunks(buffer_id, chunk_index);
CREATE INDEX ix_chunks_buffer ON chunks(buffer_id);
CREATE TABLE metadata(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE chunk_embeddings(
  chunk_id INTEGER PRIMARY KEY REFERENCES chunks(id) ON DELETE CASCADE, embedding BLOB NOT NULL, dimensions INTEGER NOT NULL, model_name TEXT,
  created_at INTEGER NOT NULL);
CREATE VIRTUAL TABLE chunks_fts USING fts5(content, content='chunks', content_rowid='id', tokenize='porter unicode61');
CREATE TRIGGER chunks_ai AFTER INSERT ON chunks BEGIN
  INSERT INTO chunks_fts(rowid, content) VALUES(new.id, new.content);
END;
CREATE TRIGGER chunks_ad AFTER DELETE ON chunks BEGIN
  INSERT INTO chunks_fts(chunks_fts, rowid, content) VALUES('delete', old.id, old.content);
END;
CREATE TRIGGER chunks_au AFTER UPDATE ON chunks BEGIN
  INSERT INTO chunks_fts(chunks_fts, rowid, content) VALUES('delete', old.id);
  INSERT INTO chunks_fts(rowid, content) VALUES(new.id, new.content);
END;
