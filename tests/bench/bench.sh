# What the benchmarks share. Sourced by them; expects `set -euo pipefail`.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$top/tests/setup.sh"
. "$top/tests/server.sh"

short=0
case ${1:-} in
  '') ;;
  --short) short=1 ;;
  *) echo "usage: ${0##*/} [--short]" >&2; exit 2 ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/cairn-bench.XXXXXX")
proxy=
leave() {
  if [[ -n $proxy ]]; then kill "$proxy" 2>/dev/null || true; fi
  server_stop
  rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

install_missing "${packages_to_build[@]}" "${packages_to_run[@]}"
build "$top/build" cairn bench_measure bench_delay_proxy -- -DCMAKE_BUILD_TYPE=Release
cairn=$top/build/cairn

# measure EXPECTED-EXIT RUNS COMMAND…: sets ms (median), cpu_ms and peak_kb; another exit ends the benchmark.
measure() {
  local expected=$1 runs=$2 least most status
  shift 2
  read -r ms least most cpu_ms peak_kb status < <(
    "$top/build/bench_measure" -n "$runs" -o "$work/output" -- "$@")
  if (( status != expected )); then
    tail -n 20 "$work/output" >&2
    die "expected exit $expected, got $status: $*"
  fi
}

# Of numbers, one a line.
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# verdict VALUE LIMIT: the word that stands behind a figure. Times are printed, not asserted: a busy machine is no mistake.
verdict() { awk -v a="$1" -v b="$2" 'BEGIN { print (a <= b ? "within" : "OVER") " " b }'; }
