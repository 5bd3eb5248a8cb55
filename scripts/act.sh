#!/usr/bin/env bash
# Runs the action of this checkout in a workflow by act (https://github.com/nektos/act), as a job on this machine: in a
# cluster repository with a bare remote, both made below DIRECTORY where they are not there yet. The cluster and its
# databases are those of KUBECONFIG and the LAUNCHPAD_* variables; act is the one of ACT, else of the PATH. Inputs are given
# as act's variables: --var TIMEOUT=1m --var DRY_RUN=true --var OPERATION=deprovision --var CONFIRM=INSTANCE. Where the
# cluster has no Argo CD, `npm run argocd` must run when an instance is taken down.
#
#   bash scripts/act.sh DIRECTORY INSTANCE [option of act …]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
directory=$1 instance=$2
shift 2
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
permissions:
  contents: write
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
  git -C cluster add .
  git -C cluster -c user.name=operator -c user.email=operator@example.org commit -qm 'ci: provision by name'
  git -C cluster push -q origin HEAD:main
fi
cd cluster
git pull -q --ff-only origin main
PATH=$root/node_modules/node/bin:$PATH exec "${ACT:-act}" workflow_dispatch --platform ubuntu-latest=-self-hosted \
  --env GITHUB_REPOSITORY=example-org/cluster --input "instance=$instance" --local-repository "org/launchpad-provision@v1=$root" "$@"
