# A private PostgreSQL for the demo and the benchmarks: unix socket only, in a folder of its own under the temporary
# folder, ended and removed with the script that sourced this. Expects `die` of setup.sh.

server_folder=
server_bin=
server_account=()

# PostgreSQL's programs refuse root; as root they run under an unprivileged account.
as_server() { "${server_account[@]}" "$@"; }

# server_start [SETTING=VALUE…]: afterwards PGHOST and PGUSER lead there, and `$server_conninfo` says the same to libpq.
# Without settings it is as a production server is: durable.
server_start() {
  local candidate setting
  for candidate in /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /)")"; do
    if [[ -x $candidate/initdb && -x $candidate/postgres ]]; then server_bin=$candidate; fi
  done
  [[ -n $server_bin ]] || die "no initdb found: is the package postgresql installed?"
  server_folder=$(mktemp -d /tmp/cairn-server.XXXXXX)
  if [[ $(id -u) == 0 ]]; then
    local account=nobody
    if getent passwd postgres >/dev/null; then account=postgres; fi
    server_account=(setpriv --reuid="$account" --regid="$(id -g "$account")" --clear-groups)
    chown "$account" "$server_folder"
  fi
  chmod 711 "$server_folder"
  as_server "$server_bin/initdb" --no-sync -A trust -U postgres -E UTF8 --locale=C -D "$server_folder/data" \
    >"$server_folder.log" 2>&1 || { cat "$server_folder.log" >&2; die "initdb failed"; }
  {
    echo "listen_addresses = ''"
    echo "unix_socket_directories = '$server_folder'"
    echo "logging_collector = off"
    for setting in "$@"; do echo "${setting%%=*} = '${setting#*=}'"; done
  } | as_server tee -a "$server_folder/data/postgresql.conf" >/dev/null
  as_server "$server_bin/pg_ctl" -D "$server_folder/data" -l "$server_folder/log" -w start >/dev/null ||
    { cat "$server_folder/log" >&2; die "the private PostgreSQL did not start"; }
  rm -f "$server_folder.log"
  export PGHOST=$server_folder PGUSER=postgres
  unset PGPORT PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS || true
  server_conninfo="host=$server_folder user=postgres"
}

server_stop() {
  [[ -n $server_folder ]] || return 0
  as_server "$server_bin/pg_ctl" -D "$server_folder/data" -m fast -w stop >/dev/null 2>&1 || true
  rm -rf "$server_folder" "$server_folder.log"
  server_folder=
}
