#!/usr/bin/env bash
# Checks the documents: the links inside the repository, and their style with markdownlint, which npm serves. Where it does not,
# a line says so. Links to other sites are checked once a week: .github/workflows/links.yml.
set -euo pipefail
cd "$(dirname "$0")/.."
markdownlint='markdownlint-cli2@0.23.0'
node scripts/check-links.ts
if npx --yes "$markdownlint" --help >/dev/null 2>&1 || (($? == 2)); then
  npx --yes "$markdownlint"
else
  echo "${GITHUB_ACTIONS:+::warning::}THE DOCUMENTS WERE NOT CHECKED by markdownlint: npm did not serve $markdownlint."
fi
