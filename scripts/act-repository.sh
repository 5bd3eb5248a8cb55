# shellcheck shell=bash
# For the scripts that run workflows by act: a cluster repository with a bare remote, and act on it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# make_repository DIRECTORY: cluster/ and its remote.git below it, where they are not there yet, with what the function
# add_workflows puts into the repository; then goes there.
make_repository() {
  mkdir -p "$1"
  cd "$1" || return
  if [[ ! -d remote.git ]]; then
    git init -q --bare -b main remote.git
    git clone -q remote.git cluster 2>/dev/null
    mkdir -p cluster/.github/workflows
    (cd cluster && add_workflows)
    git -C cluster add .
    git -C cluster -c user.name=operator -c user.email=operator@example.org commit -qm 'ci: workflows'
    git -C cluster push -q origin HEAD:main
  fi
  cd cluster || return
  check_out refs/heads/main
}

# check_out REF: the newest commit of a branch, or another ref of the remote, as a checkout of the job would have it.
check_out() {
  git fetch -q origin "$1"
  if [[ $1 == refs/heads/* ]]; then git checkout -q -B "${1#refs/heads/}" FETCH_HEAD; else git checkout -q --detach FETCH_HEAD; fi
}

# run_act EVENT [option of act …]: as a job on this machine, with the action of this checkout; act is the one of ACT, else of
# the PATH.
run_act() {
  PATH=$root/node_modules/node/bin:$PATH "${ACT:-act}" "$@" --platform ubuntu-latest=-self-hosted \
    --env GITHUB_REPOSITORY=example-org/cluster --local-repository "org/launchpad-provision@v1=$root"
}
