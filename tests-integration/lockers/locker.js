// locker.js WHAT DB: another program's way to lock a database, driven by lines.
//   wasm          a transaction of node-sqlite3-wasm: prints "in", holds it until a line comes, commits
//   wasm-try      one insert: prints "done" or the error
//   proper        proper-lockfile, which refreshes its directory once a minute: prints "in", holds until a line comes
//   proper-try    tries again and again until a line comes, taking 2 s (its least) without a change for death; prints each new kind of error
const [what, db] = process.argv.slice(2);
const line = () => new Promise((next) => process.stdin.once('data', next));

async function main() {
  if (what.startsWith('wasm')) {
    const { Database } = require('node-sqlite3-wasm');
    try {
      const connection = new Database(db);
      if (what === 'wasm') {
        connection.exec('BEGIN IMMEDIATE');
        connection.exec("INSERT INTO t VALUES('wasm')");
        console.log('in');
        await line();
        connection.exec('COMMIT');
      } else {
        connection.exec("INSERT INTO t VALUES('wasm')");
      }
      connection.close();
      console.log('done');
    } catch (error) {
      console.log(error.message);
    }
    process.exit();
  }
  const lockfile = require('proper-lockfile');
  if (what === 'proper') {
    const release = await lockfile.lock(db, { realpath: false, stale: 200000, update: 60000 });
    console.log('in');
    await line();
    await release();
    console.log('done');
    process.exit();
  }
  let end = false;
  let last = '';
  line().then(() => { end = true; });
  while (!end) {
    let now = 'LOCKED';
    await lockfile.lock(db, { realpath: false, stale: 2000, retries: 0 }).then((release) => release(), (error) => { now = error.code; });
    if (now !== last) {
      console.log(now);
      last = now;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  console.log('end');
  process.exit();
}

main();
