#!/usr/bin/env bash
# Checks the workflow files and the examples with actionlint, which the Go module proxy serves. The examples are checked
# where an operator copies them to, so that those that call each other find each other.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v go >/dev/null; then
  echo 'No go on this machine: the workflow files were not checked.'
  exit 0
fi
actionlint() { go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 "$@"; }
actionlint .github/workflows/*.yml

repository=$(mktemp -d)
trap 'rm -rf "$repository"' EXIT
git init -q "$repository"
mkdir -p "$repository/.github/workflows"
cp docs/examples/*.yml "$repository/.github/workflows/"
cat >"$repository/.github/actionlint.yaml" <<'YAML'
self-hosted-runner:
  labels: [launchpad-runners] # the scale set of runner-in-cluster.yml
YAML
cd "$repository"
actionlint
echo 'The workflow files and the examples are valid.'
