#!/bin/sh
# proper-lockfile 4.1.2 (npm)
# Expected: lock() of a file whose lock directory exists and is in use fails with ELOCKED, the code that callers retry on.
# Seen: what decides is the age of the directory alone. As soon as its time is older than "stale" (10 s by default, on the local clock) proper-lockfile tries to remove it,
# and where another program keeps a file in it the error is ENOTEMPTY, which is no "locked" to callers; check() says "not locked" meanwhile.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-fund --no-audit proper-lockfile@4.1.2 >/dev/null 2>&1 || { echo "SKIP: cannot install from npm"; exit 77; }
: >app.db
mkdir app.db.lock
: >app.db.lock/held-by-another-program
cat >try.js <<'J'
const lockfile = require("proper-lockfile");
(async () => {
  const outcome = await lockfile.lock("app.db").then(() => "locked it", (error) => error.code);
  console.log(process.argv[2], "lock():", outcome, " check():", await lockfile.check("app.db"));
})();
J
node try.js "fresh directory:" | tee out
touch -d '1 minute ago' app.db.lock
node try.js "a minute old:" | tee -a out
[ "$(cat out)" = "fresh directory: lock(): ELOCKED  check(): true
a minute old: lock(): ENOTEMPTY  check(): false" ]
echo "as found"
