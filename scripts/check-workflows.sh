#!/usr/bin/env bash
# Checks the workflow files and the examples: actionlint, which the Go module proxy serves, and zizmor, which PyPI serves, as
# its pedantic persona. The examples are checked where an operator copies them to, so that those that call each other find
# each other. What cannot be installed here is skipped, with a line that says so, on GitHub as an annotation.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$PWD/build/zizmor
skipped=0

skip() {
  echo "${GITHUB_ACTIONS:+::warning::}THE WORKFLOW FILES WERE NOT CHECKED by $1: $2"
  skipped=1
}

repository=$(mktemp -d)
trap 'rm -rf "$repository"' EXIT
git init -q "$repository"
mkdir -p "$repository/.github/workflows"
cp docs/examples/*.yml "$repository/.github/workflows/"
cp .github/zizmor.yml "$repository/.github/"
cat >"$repository/.github/actionlint.yaml" <<'YAML'
self-hosted-runner:
  labels: [launchpad-runners] # the scale set of runner-in-cluster.yml
YAML

if command -v go >/dev/null; then
  actionlint() { go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 "$@"; }
  actionlint .github/workflows/*.yml
  (cd "$repository" && actionlint)
else
  skip actionlint 'no go on this machine.'
fi

if [[ ! -x $home/bin/zizmor ]]; then
  { python3 -m venv "$home" && "$home/bin/pip" install --quiet --only-binary :all: 'zizmor==1.32.0'; } >&2 || rm -rf "$home"
fi
if [[ -x $home/bin/zizmor ]]; then
  zizmor() { "$home/bin/zizmor" --quiet --offline --no-progress --persona pedantic "$@"; }
  zizmor .github action.yml
  (cd "$repository" && zizmor .)
else
  skip zizmor 'it could not be installed from PyPI.'
fi
if ((skipped == 0)); then echo 'The workflow files and the examples are valid.'; fi
