#!/usr/bin/env bash
# Runs the action of this checkout in a workflow by act (https://github.com/nektos/act), as a job on this machine: in a
# cluster repository with a bare remote, both made below DIRECTORY where they are not there yet. The cluster and its
# databases are those of KUBECONFIG and the LAUNCHPAD_* variables; act is the one of ACT, else of the PATH. Inputs are given
# as act's variables: --var TIMEOUT=1m --var DRY_RUN=true --var OPERATION=deprovision.
#
#   bash scripts/act.sh DIRECTORY INSTANCE [option of act …]
#
# The event of a pull request, whose branch BRANCH is in DIRECTORY/remote.git: opened, synchronize, closed, or merged (the
# push to main by its merge). GITHUB_API_URL is that of `npm run github-api -- DIRECTORY/remote.git`, which prints it.
#
#   bash scripts/act.sh DIRECTORY --pull-request NUMBER BRANCH ACTION [option of act …]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
directory=$1
shift
mkdir -p "$directory"
cd "$directory"
if [[ ! -d remote.git ]]; then
  git init -q --bare -b main remote.git
  git clone -q remote.git cluster 2>/dev/null
  mkdir -p cluster/.github/workflows
  cat >cluster/.github/workflows/provision.yml <<'YAML'
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
          cluster-domain: example.org
          timeout: ${{ vars.TIMEOUT }}
          dry-run: ${{ vars.DRY_RUN }}
YAML
  git -C cluster add .
  git -C cluster -c user.name=operator -c user.email=operator@example.org commit -qm 'ci: provision by name'
  git -C cluster push -q origin HEAD:main
fi
export PATH=$root/node_modules/node/bin:$PATH
if [[ $1 == --pull-request ]]; then
  number=$2 branch=$3 action=$4
  shift 4
  : "${GITHUB_API_URL:?is not set: start npm run github-api -- $directory/remote.git}"
  node "$root/scripts/pull-request-event.ts" remote.git "$number" "$branch" main "$action" >event.json
  event=pull_request ref=refs/pull/$number/merge
  if [[ $action == merged ]]; then event=push ref=refs/heads/main; fi
  what=("$event" --eventpath "$PWD/event.json" --env "GITHUB_API_URL=$GITHUB_API_URL"
    --secret "GITHUB_TOKEN=${GITHUB_TOKEN:-github-token-of-the-job}")
else
  ref=refs/heads/main what=(workflow_dispatch --input "instance=$1")
  shift
fi
cd cluster
git fetch -q origin "$ref"
if [[ $ref == refs/heads/main ]]; then
  git checkout -q -B main FETCH_HEAD
else
  git checkout -q --detach FETCH_HEAD
fi
exec "${ACT:-act}" "${what[@]}" --platform ubuntu-latest=-self-hosted \
  --env GITHUB_REPOSITORY=example-org/cluster --local-repository "org/launchpad-provision@v1=$root" "$@"
