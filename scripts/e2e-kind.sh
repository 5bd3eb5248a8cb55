#!/usr/bin/env bash
# The suites against real servers and on a real cluster, with Docker, kind, kubectl, curl and openssl: MySQL, MongoDB and MinIO
# as containers, a cluster of kind with Argo Workflows and Argo CD, then `npm run test:servers` and `npm run test:cluster`.
# What it starts is taken down at the end, unless KEEP=1; then the same call uses it again.
#
#   bash scripts/e2e-kind.sh [option of jest for the cluster suite …]
#   ARGO_WORKFLOWS_VERSION=v4.0.5 KEEP=1 bash scripts/e2e-kind.sh fresh
set -euo pipefail
cd "$(dirname "$0")/.."
argo_workflows=${ARGO_WORKFLOWS_VERSION:-v3.7.16}
argo_cd=${ARGO_CD_VERSION:-v3.5.7}
name=launchpad-e2e
work=$PWD/build/e2e
export KUBECONFIG=$work/kubeconfig
mkdir -p "$work"

for tool in docker kind kubectl curl openssl; do
  if ! command -v "$tool" >/dev/null; then echo "$tool is missing: this needs Docker, kind, kubectl, curl and openssl." >&2 && exit 2; fi
done

step() { printf '\n── %s\n' "$*"; }

take_down() {
  if [[ ${KEEP-} == 1 ]]; then return; fi
  docker rm --force --volumes "$name-mysql" "$name-mongodb" "$name-minio" >/dev/null 2>&1 || true
  kind delete cluster --name "$name" || true
  rm -rf "$work"
}

show_state() {
  kubectl get pods,workflows,applications -A || true
  kubectl get events -A --sort-by=.lastTimestamp | tail -50 || true
  kubectl -n argo logs deployment/workflow-controller --tail=100 || true
}

finish() {
  local status=$?
  if ((status != 0)); then show_state; fi
  take_down
  exit "$status"
}
trap finish EXIT

# A password for these servers alone; the same one when they are used again.
if [[ ! -e $work/password ]]; then (umask 077 && openssl rand -hex 16 >"$work/password"); fi
password=$(<"$work/password")

# start SERVICE IMAGE PORT [option of docker run …] -- [argument …]: a container, unless it runs.
start() {
  local container=$name-$1 image=$2 port=$3 options=()
  shift 3
  if docker inspect "$container" >/dev/null 2>&1; then return; fi
  while [[ $1 != -- ]]; do options+=("$1") && shift; done
  shift
  docker run --detach --name "$container" --publish "$port:$port" "${options[@]}" "$image" "$@" >/dev/null
}

# until_it_answers SERVICE COMMAND …: within two minutes, in its container.
until_it_answers() {
  local container=$name-$1
  shift
  for _ in $(seq 60); do
    if docker exec "$container" "$@" >/dev/null 2>&1; then return; fi
    sleep 2
  done
  docker logs --tail 30 "$container" >&2
  echo "$container does not answer." >&2
  return 1
}

step 'MySQL, MongoDB, MinIO'
export MYSQL_ROOT_PASSWORD=$password MONGO_INITDB_ROOT_USERNAME=admin MONGO_INITDB_ROOT_PASSWORD=$password
export MINIO_ROOT_USER=launchpad MINIO_ROOT_PASSWORD=$password
start mysql "${MYSQL_IMAGE:-mysql:8.4.11}" 3306 --env MYSQL_ROOT_PASSWORD --
# The tag mongo:8 stays at 8.2, which is out of support (https://github.com/docker-library/official-images/issues/22154).
start mongodb "${MONGODB_IMAGE:-mongo:8.0.29}" 27017 --env MONGO_INITDB_ROOT_USERNAME --env MONGO_INITDB_ROOT_PASSWORD --
# The last image that MinIO published; Docker Hub has none any more.
start minio "${MINIO_IMAGE:-quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z}" 9000 --env MINIO_ROOT_USER --env MINIO_ROOT_PASSWORD -- server /data

step 'Cluster'
if ! kind get clusters | grep -qx "$name"; then kind create cluster --name "$name" --kubeconfig "$KUBECONFIG" --wait 180s; fi
docker pull --quiet node:24-alpine
kind load docker-image node:24-alpine --name "$name" || echo 'The cluster pulls node:24-alpine itself.'

step "Argo Workflows $argo_workflows, Argo CD $argo_cd"
for namespace in argo argocd; do kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f -; done
kubectl apply --server-side --force-conflicts -n argo \
  -f "https://github.com/argoproj/argo-workflows/releases/download/$argo_workflows/install.yaml" >/dev/null
kubectl apply --server-side --force-conflicts -n argocd \
  -f "https://raw.githubusercontent.com/argoproj/argo-cd/$argo_cd/manifests/core-install.yaml" >/dev/null
kubectl -n argo set env deployment/workflow-controller DEFAULT_REQUEUE_TIME=1s
kubectl -n argo rollout status deployment/workflow-controller --timeout=300s
kubectl -n argocd rollout status deployment/argocd-repo-server --timeout=300s

# MySQL's first server, which sets itself up, listens on its socket alone. The variables are those of the containers.
# shellcheck disable=SC2016
until_it_answers mysql sh -c 'mysqladmin ping -h 127.0.0.1 -uroot -p"$MYSQL_ROOT_PASSWORD"'
# shellcheck disable=SC2016
until_it_answers mongodb sh -c 'mongosh --quiet -u admin -p "$MONGO_INITDB_ROOT_PASSWORD" --eval "db.runCommand({ping: 1})"'
curl --fail --silent --show-error --retry 60 --retry-delay 1 --retry-all-errors --output /dev/null http://127.0.0.1:9000/minio/health/live

# The gateway of kind's network is this machine: runner and pods reach the servers at one address.
host=$(docker network inspect kind --format '{{range .IPAM.Config}}{{.Gateway}}{{"\n"}}{{end}}' | grep -m1 '\.')
export LAUNCHPAD_MYSQL_HOST=$host LAUNCHPAD_MYSQL_PORT=3306 LAUNCHPAD_MYSQL_ADMIN_USER=root
export LAUNCHPAD_MONGODB_HOST=$host LAUNCHPAD_MONGODB_PORT=27017 LAUNCHPAD_MONGODB_AUTH_SOURCE=admin LAUNCHPAD_MONGODB_ADMIN_USER=admin
export LAUNCHPAD_STORAGE_TYPE=s3 LAUNCHPAD_STORAGE_REGION=us-east-1 LAUNCHPAD_STORAGE_ENDPOINT_URL=http://$host:9000
export LAUNCHPAD_MYSQL_ADMIN_PASSWORD=$password LAUNCHPAD_MONGODB_ADMIN_PASSWORD=$password
export LAUNCHPAD_STORAGE_ACCESS_KEY_ID=launchpad LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY=$password

step 'Real servers'
TEST_MYSQL_URL=mysql://root:$password@127.0.0.1:3306 TEST_MONGODB_URL=mongodb://admin:$password@127.0.0.1:27017 \
  TEST_S3_URL=http://launchpad:$password@127.0.0.1:9000 npm run test:servers

# The suite plays Argo CD itself where an Application is deleted, also one that does nothing: the real one pauses for that.
step 'Real cluster'
kubectl -n argocd scale statefulset/argocd-application-controller --replicas=0
npm run test:cluster -- "$@"

step 'A fresh instance beside the Argo CD that runs'
kubectl -n argocd scale statefulset/argocd-application-controller --replicas=1
kubectl -n argocd rollout status statefulset/argocd-application-controller --timeout=300s
npm run test:cluster -- fresh
