#!/usr/bin/env bash
# Runs the action of this checkout in a workflow by act (https://github.com/nektos/act), as a job on this machine: in a
# cluster repository with a bare remote, both made below DIRECTORY where they are not there yet. The cluster and its
# databases are those of KUBECONFIG and the LAUNCHPAD_* variables; act is the one of ACT, else of the PATH. Inputs are given
# as act's variables: --var TIMEOUT=1m --var DRY_RUN=true --var OPERATION=deprovision --var CONFIRM=INSTANCE. Where the
# cluster has no Argo CD, `npm run argocd` must run when an instance is deprovisioned.
#
#   bash scripts/act.sh DIRECTORY INSTANCE [option of act …]
#
# The event of a pull request, whose branch BRANCH is in DIRECTORY/remote.git: opened, synchronize, closed, or merged (the
# push to main by its merge). GITHUB_API_URL is that of `npm run github-api -- DIRECTORY/remote.git`, which prints it.
#
#   bash scripts/act.sh DIRECTORY --pull-request NUMBER BRANCH ACTION [option of act …]
set -euo pipefail
# shellcheck source=scripts/act-repository.sh
. "$(dirname "$0")/act-repository.sh"
directory=$1 what=$2
shift 2

add_workflows() {
  cat >.github/workflows/provision.yml <<'YAML'
name: Provision
on:
  workflow_dispatch:
    inputs:
      instance:
        required: true
        type: string
  pull_request:
    types: [opened, synchronize, reopened, closed]
  push:
    branches: [main]
permissions:
  contents: write
  pull-requests: write
jobs:
  provision:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: org/launchpad-provision@v1
        with:
          instance: ${{ inputs.instance }}
          operation: ${{ vars.OPERATION }}
          confirm: ${{ vars.CONFIRM }}
          cluster-domain: example.org
          timeout: ${{ vars.TIMEOUT }}
          dry-run: ${{ vars.DRY_RUN }}
YAML
}

make_repository "$directory"
if [[ $what != --pull-request ]]; then
  run_act workflow_dispatch --input "instance=$what" "$@"
  exit
fi

number=$1 branch=$2 action=$3
shift 3
: "${GITHUB_API_URL:?is not set: start npm run github-api -- $directory/remote.git}"
event_file=$(cd .. && pwd)/event.json
"$root/node_modules/node/bin/node" "$root/scripts/pull-request-event.ts" ../remote.git "$number" "$branch" main "$action" >"$event_file"
event=pull_request ref=refs/pull/$number/merge
if [[ $action == merged ]]; then event=push ref=refs/heads/main; fi
check_out "$ref"
run_act "$event" --eventpath "$event_file" --env "GITHUB_API_URL=$GITHUB_API_URL" \
  --secret "GITHUB_TOKEN=${GITHUB_TOKEN:-github-token-of-the-job}" "$@"
