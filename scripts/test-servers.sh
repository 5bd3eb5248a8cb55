#!/usr/bin/env bash
# Runs the provisioners against real servers: those named by TEST_MYSQL_URL, TEST_MONGODB_URL and TEST_S3_URL. For MySQL it
# starts a MariaDB where none is named; MongoDB and S3 are those of the LAUNCHPAD_* variables, if they are set
# and answer. It prints what it did not find.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'if [[ -e $work/mysql.pid ]]; then kill "$(<"$work/mysql.pid")"; fi; sleep 1; rm -rf "$work"' EXIT

start_mariadb() {
  local port=$1
  if ! command -v mariadbd >/dev/null && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo 'Installing MariaDB …'
    (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mariadb-server) >"$work/apt" 2>&1 || tail -5 "$work/apt"
  fi
  if ! command -v mariadbd >/dev/null; then return 1; fi
  local user
  user=$(id -un)
  mariadb-install-db --no-defaults --user="$user" --datadir="$work/mysql" --auth-root-authentication-method=normal --skip-test-db >"$work/install" 2>&1
  mariadbd --no-defaults --user="$user" --datadir="$work/mysql" --socket="$work/mysql.sock" --pid-file="$work/mysql.pid" \
    --bind-address=127.0.0.1 --port="$port" --skip-name-resolve >"$work/mariadb.log" 2>&1 &
  for _ in $(seq 100); do
    if mariadb --no-defaults --user=root --socket="$work/mysql.sock" -e 'SELECT 1' >/dev/null 2>&1; then break; fi
    sleep 0.2
  done
  mariadb --no-defaults --user=root --socket="$work/mysql.sock" \
    -e "CREATE USER boss@'%' IDENTIFIED BY 'test-only'; GRANT ALL PRIVILEGES ON *.* TO boss@'%' WITH GRANT OPTION"
}

answers() { timeout 2 bash -c "</dev/tcp/$1/$2" 2>/dev/null; }

if [[ ! ${TEST_MYSQL_URL-} ]] && start_mariadb 33306; then export TEST_MYSQL_URL=mysql://boss:test-only@127.0.0.1:33306; fi
# shellcheck disable=SC2153 # they are the caller's variables
if [[ ! ${TEST_MONGODB_URL-} && ${LAUNCHPAD_MONGODB_HOST-} ]] && answers "$LAUNCHPAD_MONGODB_HOST" "$LAUNCHPAD_MONGODB_PORT"; then
  export TEST_MONGODB_URL="mongodb://$LAUNCHPAD_MONGODB_ADMIN_USER:$LAUNCHPAD_MONGODB_ADMIN_PASSWORD@$LAUNCHPAD_MONGODB_HOST:$LAUNCHPAD_MONGODB_PORT"
fi
if [[ ! ${TEST_S3_URL-} && ${LAUNCHPAD_STORAGE_ENDPOINT_URL-} ]]; then
  place=${LAUNCHPAD_STORAGE_ENDPOINT_URL#*://}
  if answers "${place%:*}" "${place#*:}"; then
    export TEST_S3_URL="${LAUNCHPAD_STORAGE_ENDPOINT_URL%%://*}://$LAUNCHPAD_STORAGE_ACCESS_KEY_ID:$LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY@$place"
  fi
fi
for name in MYSQL MONGODB S3; do
  variable=TEST_${name}_URL
  if [[ ${!variable-} ]]; then echo "$name: there"; else echo "$name: NOT THERE, its tests do not run"; fi
done
npm run --silent test:servers
