#!/usr/bin/env bash
# Checks the workflow files and the examples with actionlint, which the Go module proxy serves.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v go >/dev/null; then
  echo 'No go on this machine: the workflow files were not checked.'
  exit 0
fi
go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 .github/workflows/*.yml docs/examples/*.yml
echo 'The workflow files are valid.'
