# What tests/run and plans/demo share: installing what a fresh Debian 12 lacks, and building.
# Sourced by bash with `set -eu`; expects $top, the folder of CMakeLists.txt.

packages_to_build=(
  g++ cmake ninja-build pkg-config
  libpq-dev libpqxx-dev libpg-query-dev
  libtomlplusplus-dev libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev tao-pegtl-dev libssl-dev
  catch2
)
packages_to_run=(postgresql postgresql-client)
packages_to_serve=(pgbouncer)
packages_to_test=(zsh fish mandoc)
packages_to_look=(chromium graphviz python3)
packages_to_fuzz=(clang-14 libclang-rt-14-dev)

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The ones of the named packages that are not installed. One quick call, which needs no right.
missing_packages() {
  local -A installed=()
  local name status
  while read -r name status; do
    [[ $status == ii ]] && installed[$name]=1
  done < <(dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "$@" 2>/dev/null || true)
  for name in "$@"; do
    [[ -n ${installed[$name]:-} ]] || printf '%s\n' "$name"
  done
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "these packages are missing and there is no sudo; as root: apt-get install ${missing[*]}"
  fi
}

# install_missing PACKAGE…: by apt, and only when something is missing.
#
# PostgreSQL's package starts a server of its own (a cluster named `main`) when it is installed. cairn wants its
# programs only, so the tool that would make the cluster is told not to for as long as the installation lasts.
install_missing() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  (( ${#missing[@]} )) || return 0
  say "installing: ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  as_root "${apt[@]}" update
  if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    as_root "${apt[@]}" install -y --no-install-recommends postgresql-common
    local quiet=/etc/postgresql-common/createcluster.d/cairn-no-main.conf
    as_root mkdir -p "${quiet%/*}"
    as_root sh -c "echo 'create_main_cluster = false' > $quiet"
    local status=0
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}" || status=$?
    as_root rm -f "$quiet"
    (( status == 0 )) || die "apt-get failed"
  else
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
  fi
}

# build FOLDER TARGET… -- CMAKE-OPTION…: configures when it is not yet, then builds.
build() {
  local folder=$1 targets=()
  shift
  while (( $# )) && [[ $1 != -- ]]; do targets+=("$1"); shift; done
  if (( $# )); then shift; fi
  [[ ! -e $folder || -w $folder ]] || die "$folder belongs to somebody else: remove it, or call again as its owner"
  if [[ ! -f $folder/build.ninja ]]; then
    cmake -S "$top" -B "$folder" -G Ninja "$@" >"${TMPDIR:-/tmp}/cairn-configure.$$" 2>&1 || {
      cat "${TMPDIR:-/tmp}/cairn-configure.$$" >&2
      rm -f "${TMPDIR:-/tmp}/cairn-configure.$$"
      die "cmake could not configure $folder"
    }
    rm -f "${TMPDIR:-/tmp}/cairn-configure.$$"
  fi
  ninja -C "$folder" -j2 "${targets[@]}" | { grep -v '^ninja: \(Entering\|no work\)\|Re-checking globbed' || true; }
}
