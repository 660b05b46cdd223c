#!/usr/bin/env bash
# Sets up the app on several machines, and does what the loss of one asks for. Debian, as root, in a
# copy of this repository. docs/operate-machines.md says on which machine, when and why.
#   deploy/machines.sh secrets              makes deploy/machines/secrets: once, then copy it everywhere
#   deploy/machines.sh primary              on db1
#   deploy/machines.sh pool PRIMARY         on pool: PgBouncer and Redis
#   deploy/machines.sh app                  on app1, then on app2
#   deploy/machines.sh proxy                on proxy
#   deploy/machines.sh standby-of PRIMARY   on db2, or on a database machine that was lost and is back
#   deploy/machines.sh ends-wait yes        on the primary: ends wait for the standby; or: no
#   deploy/machines.sh promote              on the standby, when the primary is lost
#   deploy/machines.sh primary-is PRIMARY   on pool: both apps ask this one
#   deploy/machines.sh lost-deeds SINCE     on app1 and app2, if ends did not wait: what the standby lacks
# PRIMARY is the address of the machine that is the primary then.
set -euo pipefail
# shellcheck source=deploy/install.sh
. "$(dirname "$0")/install.sh"

HERE=deploy/machines
SETTINGS=$HERE/settings
SECRETS=$HERE/secrets

main() {
  [ "$(id -u)" -eq 0 ] || give_up "Run this as root."
  [ -e "$SECRETS" ] || [ "${1-}" = secrets ] ||
    give_up "$SECRETS is missing. Make it on one machine, and copy it to the others."
  case "$# ${1-}" in
    "1 secrets") make_secrets ;;
    "1 primary") make_primary ;;
    "2 pool") make_pool "$2" ;;
    "1 app") make_app ;;
    "1 proxy") make_proxy ;;
    "2 standby-of") make_standby "$2" ;;
    "2 ends-wait") ends_wait "$2" ;;
    "1 promote") promote ;;
    "2 primary-is") primary_is "$2" ;;
    "2 lost-deeds") lost_deeds "$2" ;;
    *) sed -n 's/^#   //p' "$0" >&2 && exit 2 ;;
  esac
}

make_secrets() {
  local name
  [ ! -e "$SECRETS" ] || give_up "$SECRETS is there. Copy it to the other machines."
  umask 077
  for name in APP_PASSWORD STANDBY_PASSWORD REDIS_PASSWORD SECRET_KEY; do
    echo "$name=$(openssl rand -hex 32)"
  done >"$SECRETS"
  echo "Now copy this folder, with $SECRETS, to each machine."
}

make_primary() {
  install_packages postgresql
  put_postgresql_settings
  systemctl restart postgresql
  make_role_and_database
  as_postgres psql -XAtc "SELECT 1 FROM pg_roles WHERE rolname = 'standby'" | grep -q . ||
    as_postgres createuser --replication standby
  filled $HERE/roles.sql | as_postgres psql -Xq
}

# The files of a PostgreSQL that is here are kept beside the new ones.
make_standby() {
  local data
  install_packages postgresql
  put_postgresql_settings
  data=$(echo /var/lib/postgresql/*/main)
  rm -rf "$data.new"
  as_postgres env PGPASSWORD="$(value_of STANDBY_PASSWORD)" \
    pg_basebackup -D "$data.new" -R -c fast \
    -d "host=$1 user=standby application_name=standby"
  sed -i '/^synchronous_standby_names/d' "$data.new/postgresql.auto.conf"
  systemctl stop postgresql
  [ ! -e "$data" ] || mv "$data" "$data.until-$(date -u +%Y-%m-%dT%H-%M-%SZ)"
  mv "$data.new" "$data"
  systemctl start postgresql
}

put_postgresql_settings() {
  local etc
  etc=$(echo /etc/postgresql/*/main)
  filled $HERE/postgresql.conf >"$etc/conf.d/logout-everywhere.conf"
  grep -q '^# logout-everywhere' "$etc/pg_hba.conf" || filled $HERE/pg_hba.conf >>"$etc/pg_hba.conf"
}

make_pool() {
  install_packages pgbouncer redis-server
  filled $HERE/userlist.txt >/etc/pgbouncer/userlist.txt
  put_drop_in pgbouncer
  filled $HERE/redis.conf | install -o redis -g redis -m 640 /dev/stdin /etc/redis/logout-everywhere.conf
  grep -q '^include .*logout-everywhere' /etc/redis/redis.conf ||
    echo "include /etc/redis/logout-everywhere.conf" >>/etc/redis/redis.conf
  systemctl enable -q pgbouncer redis-server
  systemctl restart redis-server
  primary_is "$1"
}

# A restart, and no reload: PgBouncer lets go of the lost primary at once.
primary_is() {
  filled $HERE/pgbouncer.ini | sed "s/{PRIMARY}/$1/" >/etc/pgbouncer/pgbouncer.ini
  systemctl restart pgbouncer
}

make_app() {
  install_packages python3-venv
  make_user_and_folders <(filled $HERE/environment)
  [ -e "$ETC/secret_keys" ] || value_of SECRET_KEY | install -o app -g app -m 600 /dev/stdin "$ETC/secret_keys"
  install_app
  make_tables_and_keys
  put_drop_in logout-everywhere
  start_service
}

make_proxy() {
  install_packages nginx openssl
  host_name=$(value_of HOST_NAME)
  start_proxy <(filled $HERE/upstream.conf)
}

ends_wait() {
  local names="" said="No end waits."
  if [ "$1" = yes ]; then
    wait_for_standby
    as_postgres psql -Xq -v ON_ERROR_STOP=1 app <$HERE/ends_wait.sql
    names=standby said="Each end waits for the standby."
  fi
  as_postgres psql -Xqc "ALTER SYSTEM SET synchronous_standby_names = '$names'"
  as_postgres psql -XAtqc "SELECT pg_reload_conf()" >/dev/null
  echo "$said"
}

# One, and no more: the connection of a lost one stays for some seconds.
wait_for_standby() {
  local states="SELECT string_agg(state, ' ') FROM pg_stat_replication WHERE application_name = 'standby'"
  for _ in {1..30}; do
    if [ "$(as_postgres psql -XAtc "$states")" = streaming ]; then
      return
    fi
    sleep 1
  done
  give_up "No standby follows this server. Start PostgreSQL on the standby, or run standby-of there."
}

promote() {
  local newest
  as_postgres psql -XAtqc "SELECT pg_promote()" >/dev/null
  newest=$(as_postgres psql -XAtqc "SELECT max(at)::timestamp(0) FROM audit" app)
  echo "This machine has the primary. Next, on pool: deploy/machines.sh primary-is with the address of this machine."
  echo "If ends did not wait for the standby, then on app1 and app2: deploy/machines.sh lost-deeds '$newest'"
}

# The log of this machine has what the app here reported, and what commands wrote into the journal.
lost_deeds() {
  local from deeds='"event": "(added as|deactivated|activated|role set|password changed|e-mail address changed)'
  from=$(date -d "@$(($(date -d "$1 UTC" +%s) - 60))" "+%F %T")
  journalctl --quiet --output cat --since "$from" | grep -E "$deeds" || echo "Nothing since $from."
}

put_drop_in() {
  local folder=/etc/systemd/system/$1.service.d
  mkdir -p "$folder"
  filled "$HERE/$1.service.conf" >"$folder/machines.conf"
  systemctl daemon-reload
}

# The file, with the values of settings and secrets in the place of their {NAMES}.
filled() {
  local name values=""
  while IFS='=' read -r name value; do
    values+="s|{$name}|$value|g;"
  done < <(grep -hE '^[A-Z0-9_]+=' "$SETTINGS" "$SECRETS")
  sed "$values" "$1"
}

value_of() {
  sed -n "s/^$1=//p" "$SETTINGS" "$SECRETS"
}

main "$@"
