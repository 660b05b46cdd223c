#!/usr/bin/env bash
# Installs the app on Debian, behind nginx, with PostgreSQL and Redis on the same machine.
# Run it as root in this repository: deploy/install.sh HOST_NAME ADMIN_EMAIL
# It asks for the first admin's password, or reads it from standard input.
# Run it again after a stop: it keeps what is there, such as keys, settings and people.
set -euo pipefail
cd "$(dirname "$0")/.."
# The service's user reads what this installs. Secrets have their own modes.
umask 022

APP=/opt/logout-everywhere
ETC=/etc/logout-everywhere
CERTIFICATE=/etc/ssl/logout-everywhere.crt
CERTIFICATE_KEY=/etc/ssl/private/logout-everywhere.key

main() {
  [ $# -eq 2 ] || give_up "Usage: deploy/install.sh HOST_NAME ADMIN_EMAIL"
  [ "$(id -u)" -eq 0 ] || give_up "Run this as root."
  host_name=$1 admin=$2
  [[ $host_name =~ ^[A-Za-z0-9.-]+$ ]] || give_up "$host_name is not a host name."
  install_packages python3-venv postgresql redis-server nginx openssl
  start_databases
  make_user_and_folders deploy/environment
  install_app
  make_database
  make_tables_and_keys
  add_first_admin
  start_service
  start_proxy deploy/upstream.conf
}

install_packages() {
  step "Debian's packages"
  command -v apt-get >/dev/null || give_up "This script is for Debian. docs/operate.md has each step."
  apt-get install -y -q --no-upgrade "$@" >/dev/null
}

start_databases() {
  with_systemd systemctl enable -q --now postgresql redis-server
}

make_user_and_folders() {
  step "the service's user, its folder for settings and keys"
  id app >/dev/null 2>&1 || useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin app
  install -d -o app -g app -m 700 "$ETC"
  [ -e "$ETC/environment" ] || install -o app -g app -m 600 "$1" "$ETC/environment"
}

install_app() {
  step "the app, in $APP"
  [ -e "$APP/bin/python" ] || /usr/bin/python3 -m venv "$APP"
  "$APP/bin/pip" install -q -c constraints.txt ".[server]"
  install -m 755 deploy/logout-everywhere /usr/local/sbin/logout-everywhere
}

# The role has no password: PostgreSQL knows the user of a process on its own machine.
make_database() {
  step "the database"
  if [ "$(setting DATABASE_URL)" != postgresql://app@/app ]; then
    echo "DATABASE_URL is not this machine's. Make the role and the database there."
    return
  fi
  make_role_and_database
}

make_role_and_database() {
  as_postgres psql -XAtc "SELECT 1 FROM pg_roles WHERE rolname = 'app'" | grep -q . ||
    as_postgres createuser app
  as_postgres psql -XAtc "SELECT 1 FROM pg_database WHERE datname = 'app'" | grep -q . ||
    as_postgres createdb --owner app app
}

make_tables_and_keys() {
  step "tables and keys"
  logout-everywhere migrate
}

add_first_admin() {
  step "the first admin"
  if logout-everywhere audit --json | grep -q '"action": "added as admin"'; then
    echo "There is one."
  elif [ -t 0 ]; then
    logout-everywhere create-user "$admin" --role admin
  else
    logout-everywhere create-user "$admin" --role admin --name "${admin%%@*}"
  fi
}

start_service() {
  step "the service"
  install -m 644 deploy/logout-everywhere.service /etc/systemd/system/
  with_systemd systemctl daemon-reload
  with_systemd systemctl enable -q logout-everywhere
  with_systemd systemctl reload-or-restart logout-everywhere
}

start_proxy() {
  step "nginx"
  [ -e "$CERTIFICATE" ] || make_certificate
  install -m 644 "$1" /etc/nginx/conf.d/logout-everywhere-upstream.conf
  sed "s/app\.example\.com/$host_name/" deploy/nginx.conf >/etc/nginx/conf.d/logout-everywhere.conf
  nginx -t -q
  with_systemd systemctl enable -q nginx
  with_systemd systemctl reload-or-restart nginx
  echo "Installed: https://$host_name/"
}

make_certificate() {
  (umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$host_name" \
    -addext "subjectAltName=DNS:$host_name" -keyout "$CERTIFICATE_KEY" -out "$CERTIFICATE" 2>/dev/null)
  echo "No browser trusts this certificate. Put a real one into $CERTIFICATE, its key into $CERTIFICATE_KEY."
}

setting() {
  sed -n "s/^$1=//p" "$ETC/environment"
}

# From a folder that every user may enter.
as_postgres() {
  (cd / && runuser -u postgres -- "$@")
}

with_systemd() {
  if [ -d /run/systemd/system ]; then
    "$@"
  else
    echo "Left out, because systemd does not run here: $*"
  fi
}

step() {
  echo "== $1"
}

give_up() {
  echo "$1" >&2
  exit 1
}

# machines.sh has the same steps, and its own main.
[ "${BASH_SOURCE[0]}" != "$0" ] || main "$@"
