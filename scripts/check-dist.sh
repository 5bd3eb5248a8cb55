#!/usr/bin/env bash
# Builds dist/ anew, next to the committed one, and compares them byte by byte.
set -euo pipefail
cd "$(dirname "$0")/.."
npx tsc
rm -rf build/dist
node scripts/build.ts --out build/dist
if diff -rq dist build/dist; then
  echo 'dist/ is what src/ makes.'
else
  echo 'dist/ is not what src/ makes: run npm run build and commit dist/.' >&2
  exit 1
fi
