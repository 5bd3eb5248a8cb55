#!/usr/bin/env bash
# Compares dist/ byte by byte with the bundles that src/ makes. What they were made from differs with any package, a tool's too.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent compile
node scripts/build.ts --out build/dist
status=0
for directory in cli main post provisioners; do
  diff -rq --exclude=made-from.sha256 "dist/$directory" "build/dist/$directory" || status=1
done
if [[ $(ls dist) != $'cli\nmain\npost\nprovisioners' ]]; then ls dist && status=1; fi
if ((status == 0)); then
  echo 'dist/ is what src/ makes.'
else
  echo 'dist/ is not what src/ makes: run npm run build and commit dist/.' >&2
fi
exit $status
