#!/usr/bin/env bash
# Runs the action of this checkout in a workflow by act (https://github.com/nektos/act), as a job on this machine: in a
# cluster repository with a bare remote, both made below DIRECTORY where they are not there yet. The cluster and its
# databases are those of KUBECONFIG and the LAUNCHPAD_* variables; act is the one of ACT, else of the PATH. Inputs are given
# as act's variables: --var TIMEOUT=1m --var DRY_RUN=true --var OPERATION=deprovision --var CONFIRM=INSTANCE. Where the
# cluster has no Argo CD, `npm run argocd` must run when an instance is taken down.
#
#   bash scripts/act.sh DIRECTORY INSTANCE [option of act …]
set -euo pipefail
# shellcheck source=scripts/act-repository.sh
. "$(dirname "$0")/act-repository.sh"
directory=$1 instance=$2
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
}

make_repository "$directory"
run_act workflow_dispatch --input "instance=$instance" "$@"
