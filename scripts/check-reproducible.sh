#!/usr/bin/env bash
# Builds the committed source in two directories of other names and depths, each with a node_modules of its own, and compares
# both with each other and with dist/ byte by byte: what a release holds does not depend on where it is built. node_modules is
# copied from here by hard links where that can be done, else installed.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d "$(dirname "$root")/reproducible-XXXXXX")
trap 'rm -rf "$work"' EXIT

for place in one two/deeper/down; do
  mkdir -p "$work/$place"
  git archive HEAD | tar -x -C "$work/$place"
  cp -al "$(realpath node_modules)" "$work/$place/node_modules" 2>/dev/null ||
    { rm -rf "$work/$place/node_modules" && npm ci --prefix "$work/$place" --silent; }
  echo "Building in $work/$place …"
  (cd "$work/$place" && npm run --silent build)
done
diff -rq "$work/one/dist" "$work/two/deeper/down/dist"
git archive HEAD dist | tar -x -C "$work"
diff -rq --exclude=made-from.sha256 "$work/one/dist" "$work/dist"
echo 'dist/ has the same bytes wherever it is built.'
