package io.sqlitesafe.internal.diff;

/**
 * A record as it is stored (sqlite.org/fileformat2.html, section 2.1). Not a copy.
 *
 * @param end after its last byte
 */
record RecordBytes(byte[] bytes, int start, int end) {}
