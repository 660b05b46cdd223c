#!/usr/bin/env bash
# Takes a backup, tries one out, and restores one. For what install.sh installed; run it as root.
#   deploy/backup.sh take FOLDER              the database, the keys and the audit log, into this folder
#   deploy/backup.sh drill DUMP               restores it beside the database, checks it, and drops it
#   deploy/backup.sh restore DUMP AUDIT_LOG   the database becomes the backup; nobody is signed in
# If there is no audit log that is newer than the dump, write no-newer-audit-log for AUDIT_LOG.
set -euo pipefail
shopt -s inherit_errexit
umask 077

ETC=/etc/logout-everywhere

main() {
  case "$# ${1-}" in
    "2 take") take "$2" ;;
    "2 drill") drill "$2" ;;
    "3 restore") restore "$2" "$3" ;;
    *) sed -n 's/^#   //p' "$0" >&2 && exit 2 ;;
  esac
}

take() {
  mkdir -p "$1"
  to=$1/$(date -u +%Y-%m-%dT%H-%M-%SZ)
  trap 'rm -f "$to".*' EXIT
  as_user app pg_dump --format custom "$(url_of app)" >"$to.partial"
  logout-everywhere audit --json >"$to.audit"
  cp "$ETC/secret_keys" "$to.keys"
  mv "$to.partial" "$to.dump"
  trap - EXIT
  echo "$to.dump"
}

drill() {
  local before after came_back begun=$SECONDS
  check_dump "$1"
  trap 'drop app_drill' EXIT
  load "$1" app_drill
  before=$(ask app_drill "CREATE TABLE drill AS SELECT session_token FROM users; SELECT count(*) FROM drill")
  end_all_sessions app_drill "restore drill"
  after=$(ask app_drill "SELECT count(*) FROM users")
  came_back=$(ask app_drill "SELECT count(*) FROM users JOIN drill USING (session_token)")
  echo "$after users; the newest row of the audit log before: $(newest_row app_drill)"
  [ "$before" -eq "$after" ] || give_up "Before there were $before users."
  [ "$came_back" -eq 0 ] || give_up "$came_back users have sessions that did not end."
  echo "Restored in $((SECONDS - begun)) seconds. Every session of the backup has ended."
}

# The app runs until the backup is there as app_restored, and all its sessions have ended.
restore() {
  local missing
  trap 'echo "Nothing has changed." >&2' EXIT
  check_dump "$1"
  check_audit_log "$2"
  trap 'drop app_restored; echo "Nothing has changed." >&2' EXIT
  load "$1" app_restored
  missing=$(not_in_the_backup "$2")
  end_all_sessions app_restored restored
  swap
  trap - EXIT
  if [ -z "$missing" ]; then
    systemctl start logout-everywhere
    echo "Restored. Everybody has to sign in again."
    return
  fi
  echo "The backup lacks these. Repeat them: logout-everywhere deactivate …"
  echo "$missing"
  echo "Then: systemctl start logout-everywhere"
}

check_dump() {
  check_file "$1"
  pg_restore --list "$1" >/dev/null 2>&1 || give_up "$1 is not a dump."
}

check_audit_log() {
  local row='^\{"id": [0-9]+, "at": "[^"]+Z", "actor": .+, "subject": .+, "action": ".*", "reason": ".*"\}$'
  if [ "$1" = no-newer-audit-log ]; then
    echo "Users who were deactivated since the backup can sign in."
    return
  fi
  check_file "$1"
  if grep -qavE "$row" "$1"; then
    give_up "$1 is not an audit log: logout-everywhere audit --json did not print each of its lines."
  fi
}

check_file() {
  [[ -f $1 && -s $1 ]] || give_up "$1 is not there, or is empty."
}

load() {
  drop "$2"
  as_user postgres createdb --owner app "$2"
  as_user app pg_restore --no-owner --exit-on-error --dbname "$(url_of "$2")" <"$1"
  logout-everywhere migrate --database "$(url_of "$2")"
}

# A backup has the tokens of sessions that have ended since.
end_all_sessions() {
  logout-everywhere invalidate --all --yes --reason "$2" --database "$(url_of "$1")"
}

# Both names change, or none.
swap() {
  local name rename="ALTER DATABASE app_restored RENAME TO app"
  name=app_until_$(date -u +%Y%m%d%H%M%S)
  if as_postgres "SELECT 1 FROM pg_database WHERE datname = 'app'" | grep -q .; then
    rename="ALTER DATABASE app RENAME TO $name; $rename"
    echo "The database until now is $name. Drop it when you no longer need it."
  fi
  systemctl stop logout-everywhere
  as_postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'app'" >/dev/null
  if ! as_postgres "$rename"; then
    systemctl start logout-everywhere
    return 1
  fi
}

# The deeds of the audit log that change who can sign in, and as whom.
not_in_the_backup() {
  local has newer deeds='"action": "(added as|deactivated|activated|role set|password changed|e-mail address changed)'
  [ "$1" != no-newer-audit-log ] || return 0
  has=$(logout-everywhere audit --json --database "$(url_of app_restored)")
  [ -n "$(lines known <(echo "$has") "$1" | head -n 1)" ] ||
    give_up "$1 begins after the dump: it lacks what was done between them. Give the whole audit log."
  newer=$(lines new <(echo "$has") "$1")
  [ -n "$newer" ] ||
    give_up "$1 has nothing newer than the dump, so it cannot say who was deactivated since. Give the newest" \
      "audit log that there is, or, if there is none, no-newer-audit-log in its place."
  grep -E "$deeds" <<<"$newer" || true
}

# The lines of the second file that are known from the first, or are new. Logs are long, and grep -f wants
# 6 GB for 200,000 lines.
lines() { awk -v kind="$1" 'NR == FNR { seen[$0]; next } ($0 in seen) == (kind == "known")' "$2" "$3"; }

newest_row() {
  ask "$1" "SELECT max(at) FROM audit WHERE reason <> 'restore drill'"
}

url_of() {
  echo "postgresql://app@/$1"
}

ask() {
  as_user app psql -XAtq -c "$2" "$(url_of "$1")"
}

as_postgres() {
  as_user postgres psql -XAtq -c "$1" postgres
}

drop() {
  as_user postgres env PGOPTIONS="-c client_min_messages=warning" dropdb --if-exists --force "$1"
}

# From a folder that every user may enter.
as_user() {
  (cd / && runuser -u "$1" -- "${@:2}")
}

give_up() {
  echo "$*" >&2
  exit 1
}

main "$@"
