#!/usr/bin/env bash
# Runs a workflow of docs/examples as it is, by act (https://github.com/nektos/act), as a job on this machine: in a cluster
# repository with a bare remote, both made below DIRECTORY where they are not there yet. `uses: org/launchpad-provision@v1`
# is the action of this checkout. What the workflow reads as secrets.X and vars.X is the variable X of the environment, and
# secrets.KUBECONFIG the file that KUBECONFIG names; the workflow itself sees none of these variables, so that it has only
# what it passes on. act is the one of ACT, else of the PATH.
#
#   bash scripts/act-example.sh DIRECTORY provision.yml --input instance=my-school
#   bash scripts/act-example.sh DIRECTORY call-reusable.yml --input instance=my-school
#   bash scripts/act-example.sh DIRECTORY delete.yml --input instance=my-school --input confirm=my-school --input dry-run=false
set -euo pipefail
# shellcheck source=scripts/act-repository.sh
. "$(dirname "$0")/act-repository.sh"
directory=$1 example=$2
shift 2
export LAUNCHPAD_CLUSTER_DOMAIN=${LAUNCHPAD_CLUSTER_DOMAIN:-example.org}

# Names that the examples read from a context of GitHub, such as `secrets`.
names_in() { grep -ohE "\b$1\.[A-Z][A-Z0-9_]*" "$root"/docs/examples/*.yml | cut -d. -f2 | sort -u; }

# The value of a name; the kubeconfig as base64 of it, which the action takes as well.
value_of() { if [[ $1 == KUBECONFIG ]]; then base64 -w0 "$KUBECONFIG"; else printf '%s' "${!1-}"; fi; }

# The names of a context with their values, as act reads them from a file.
values_of() {
  local name
  while read -r name; do printf "%s='%s'\n" "$name" "$(value_of "$name")"; done < <(names_in "$1")
}

values=$(mktemp -d)
trap 'rm -rf "$values"' EXIT
(
  umask 077
  values_of secrets >"$values/secrets"
  values_of vars >"$values/vars"
)
for name in KUBECONFIG "${!LAUNCHPAD_@}"; do unset "$name"; done

add_workflows() { cp "$root"/docs/examples/*.yml .github/workflows/; }

make_repository "$directory"
run_act workflow_dispatch --workflows ".github/workflows/$example" \
  --secret-file "$values/secrets" --var-file "$values/vars" "$@"
