#!/usr/bin/env bash
# Runs the provisioners against real servers: those named by TEST_MYSQL_URL (one or more), TEST_MONGODB_URL and TEST_S3_URL. Where
# TEST_MYSQL_URL names none it starts MariaDB twice, with lower_case_table_names 0 and 1, and MySQL where there is one; MongoDB
# and S3 are those of the LAUNCHPAD_* variables, if they are set and answer. It prints what it did not find.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
clean_up() {
  local file
  for file in "$work"/*.pid; do if [[ -e $file ]]; then kill "$(<"$file")" || true; fi; done
  sleep 2
  rm -rf "$work"
}
trap clean_up EXIT
user=$(id -un)
printf '%s\n' "CREATE USER boss@'%' IDENTIFIED BY 'test-only';" \
  "GRANT ALL PRIVILEGES ON *.* TO boss@'%' WITH GRANT OPTION;" >"$work/boss.sql"

have_mariadb() {
  if ! command -v mariadbd >/dev/null && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo 'Installing MariaDB …'
    (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mariadb-server) >"$work/apt" 2>&1 || tail -5 "$work/apt"
  fi
  command -v mariadbd >/dev/null
}

# serve NAME PORT SERVER…: starts a server with its data in $work/NAME, and adds it to TEST_MYSQL_URL once it answers.
serve() {
  local name=$1 port=$2
  shift 2
  "$@" --datadir="$work/$name" --socket="$work/$name.sock" --pid-file="$work/$name.pid" --init-file="$work/boss.sql" \
    --bind-address=127.0.0.1 --port="$port" --skip-name-resolve >"$work/$name.log" 2>&1 &
  for _ in $(seq 300); do
    if grep -q 'ready for connections' "$work/$name.log"; then
      TEST_MYSQL_URL="${TEST_MYSQL_URL:+$TEST_MYSQL_URL }mysql://boss:test-only@127.0.0.1:$port"
      return
    fi
    sleep 0.2
  done
  echo "$name did not start:" && tail -5 "$work/$name.log"
}

# start_mariadb NAME PORT OPTION…
start_mariadb() {
  mariadb-install-db --no-defaults --user="$user" --datadir="$work/$1" --auth-root-authentication-method=normal --skip-test-db >"$work/install" 2>&1
  serve "$1" "$2" mariadbd --no-defaults --user="$user" "${@:3}"
}

# MySQL itself: that of the lab, in a root of its own whose loader and libraries it needs, or the one in PATH.
start_mysql() {
  local root=${LAB_HOME:-$HOME/.cache/launchpad-lab}/mysql-server lib
  local run=(mysqld)
  if [[ -x $root/usr/sbin/mysqld ]]; then
    lib=$root/usr/lib
    run=("$root/lib64/ld-linux-x86-64.so.2" --library-path "$lib/x86_64-linux-gnu:$lib/mysql/private" "$root/usr/sbin/mysqld"
      --no-defaults --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" --plugin-dir="$lib/mysql/plugin")
  elif ! command -v mysqld >/dev/null || mysqld --version | grep -q MariaDB; then
    return
  else
    run+=(--no-defaults)
  fi
  run+=(--user="$user" --secure-file-priv=NULL --mysqlx=OFF --innodb-buffer-pool-size=32M --performance-schema=OFF "${@:3}")
  if ! "${run[@]}" --datadir="$work/$1" --initialize-insecure >"$work/install" 2>&1; then
    echo 'MySQL cannot be set up here:' && tail -3 "$work/install"
    return
  fi
  serve "$1" "$2" "${run[@]}"
}

answers() { timeout 2 bash -c "</dev/tcp/$1/$2" 2>/dev/null; }

if [[ ! ${TEST_MYSQL_URL-} ]]; then
  TEST_MYSQL_URL=
  if have_mariadb; then
    start_mariadb mariadb 33306
    start_mariadb mariadb-lower 33307 --lower-case-table-names=1
  fi
  start_mysql mysql 33308 --lower-case-table-names=1
fi
export TEST_MYSQL_URL
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
  if [[ ${!variable-} ]]; then echo "$name: there ($(wc -w <<<"${!variable}"))"; else echo "$name: NOT THERE, its tests do not run"; fi
done
npm run --silent test:servers
