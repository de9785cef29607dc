// SQLite's session extension as node's own SQLite library has it, behind the protocol of oracle.py: version, capture, apply.
// Node tells only the kind of a conflict, and cannot apply an inverted changeset. Needs node 26 or later (node.sh fetches it).
'use strict';
const { DatabaseSync, constants } = require('node:sqlite');
const lines = require('node:readline').createInterface({ input: process.stdin });

const KINDS = {
  [constants.SQLITE_CHANGESET_DATA]: 'data',
  [constants.SQLITE_CHANGESET_NOTFOUND]: 'notfound',
  [constants.SQLITE_CHANGESET_CONFLICT]: 'conflict',
  [constants.SQLITE_CHANGESET_CONSTRAINT]: 'constraint',
  [constants.SQLITE_CHANGESET_FOREIGN_KEY]: 'foreign-key',
};
const ACTIONS = {
  omit: constants.SQLITE_CHANGESET_OMIT,
  replace: constants.SQLITE_CHANGESET_REPLACE,
  abort: constants.SQLITE_CHANGESET_ABORT,
};

const bytes = (text) => Buffer.from(text, 'base64');
const text = (content) => Buffer.from(content).toString('base64');

function open(content) {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  if (content) database.deserialize(bytes(content));
  return database;
}

function version() {
  return { version: process.versions.sqlite, session: true };
}

function capture(request) {
  const database = open(request.db);
  const session = database.createSession();
  const errors = {};
  request.sql.forEach((sql, index) => {
    try {
      database.exec(sql);
    } catch (error) {
      errors[index] = error.message;
    }
  });
  const answer = { errors, changeset: text(session.changeset()), patchset: text(session.patchset()) };
  session.close();
  answer.db = text(database.serialize());
  database.close();
  return answer;
}

function apply(request) {
  const database = open(request.db);
  for (const sql of request.before ?? []) database.exec(sql);
  const conflicts = [];
  const onConflict = (kind) => {
    conflicts.push({ kind: KINDS[kind] });
    return ACTIONS[request.policy[KINDS[kind]]];
  };
  let rc;
  try {
    rc = database.applyChangeset(bytes(request.changeset), { onConflict }) ? 0 : 4;
  } catch (error) {
    if (error.errcode === undefined) throw error;
    rc = error.errcode & 0xff;
  }
  const answer = { rc, conflicts, rebase: '', db: text(database.serialize()) };
  database.close();
  return answer;
}

const known = { version, capture, apply };
lines.on('line', (line) => {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = known[request.op](request);
  } catch (error) {
    answer = { error: String(error) }; // the test has to see it
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
});
