#!/bin/sh
# gzip 1.12 (Debian 1.12-1), pigz 2.6 (2.6-1), bzip2 1.0.8 (1.0.8-5+b1), plzip 1.10 (1.10-5), zstd 1.5.4 (1.5.4+dfsg2-5)
# Expected: "-t" of a compressor finds a backup damaged whose file goes on after the end of the compressed data; at least gzip and pigz agree, for they share a format.
# Seen: gzip answers 2, pigz, bzip2 and plzip say nothing and answer 0, zstd answers 1. And zstd -t calls a file sound that holds one skippable frame and
# no data at all. Whoever checks backups by -t checks something else with each.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
for package in gzip=1.12-1 pigz=2.6-1 bzip2=1.0.8-5+b1 plzip=1.10-5 zstd=1.5.4+dfsg2-5+deb12u1 libbz2-1.0=1.0.8-5+b1 liblz1=1.13-5; do fetch "$package"; done
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$work/root/bin:$PATH
LD_LIBRARY_PATH=$(find "$work/root" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':'); export LD_LIBRARY_PATH
seq 1000 >data
for tool in gzip pigz bzip2 plzip zstd; do
  $tool -c <data >"$tool.packed" 2>/dev/null
  echo "something else" >>"$tool.packed"
  status=0
  $tool -t <"$tool.packed" >/dev/null 2>&1 || status=$?
  echo "$tool -t: $status" | tee -a out
done
printf '\120\052\115\030\004\000\000\000abcd' >nothing.zst
status=0
zstd -q -t nothing.zst || status=$?
echo "zstd -t of a skippable frame alone: $status, $(zstd -dc nothing.zst | wc -c) bytes of data" | tee -a out
[ "$(cat out)" = "gzip -t: 2
pigz -t: 0
bzip2 -t: 0
plzip -t: 0
zstd -t: 1
zstd -t of a skippable frame alone: 0, 0 bytes of data" ]
echo "as found"
