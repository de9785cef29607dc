#!/bin/sh
# Installs a JDK and Maven where they are missing. Debian and root only; elsewhere it says what is needed.
set -eu
missing=
command -v javac >/dev/null || missing="$missing openjdk-17-jdk-headless"
command -v mvn >/dev/null || missing="$missing maven"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "please install:$missing (a JDK 17 or later, Maven 3.8.7 or later)" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
# shellcheck disable=SC2086 # a list of names
apt-get -q install -y --no-install-recommends $missing
