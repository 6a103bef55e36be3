# What build, test and run share. Source it from a script of this folder; it changes to the root of
# the repository and leaves nothing behind but build/.
# shellcheck shell=bash disable=SC2034

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
LOGS=build/logs
mkdir -p "$LOGS"

BUILD_PACKAGES=(
  g++ cmake ninja-build ccache
  libboost1.81-dev librocksdb-dev libsimdjson-dev libssl-dev libcurl4-openssl-dev libzstd-dev
  zlib1g-dev libspdlog-dev prometheus-cpp-dev libcli11-dev libtomlplusplus-dev libroaring-dev libicu-dev
  libargon2-dev libgoogle-perftools-dev
  python3 python3-yaml nodejs npm
)
TEST_PACKAGES=(
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev
  clang clang-tidy clang-format libclang-rt-14-dev
  python3 python3-jsonschema curl zstd openssl chromium
  golang-go golang-golang-x-mod-dev
)
RUN_PACKAGES=(curl)

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
wrong_usage() {
  printf '%s: %s (--help tells)\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# The comment at the head of the script, without its marks: every script's --help.
print_help() { awk 'NR > 1 && /^#/ { sub(/^# ?/, ""); print; next } NR > 1 { exit }' "$0"; }

# phase NAME TEXT COMMAND...: runs the command with its output in build/logs/NAME.log, prints TEXT and
# how long it took. When it fails: the end of the log, where the rest is, and the command's exit code.
# With PHASE_DEADLINE (in $SECONDS) the command, then a program, is ended at that time: exit code 124.
phase() {
  local name=$1 text=$2 started=$SECONDS code=0
  shift 2
  if [[ -n ${PHASE_DEADLINE:-} ]]; then
    local left=$((PHASE_DEADLINE - SECONDS))
    set -- timeout --kill-after=10 "$((left > 0 ? left : 1))" "$@"
  fi
  printf '%-46s' "$text"
  "$@" >"$LOGS/$name.log" 2>&1 </dev/null || code=$?
  if ((code == 0)); then
    printf ' %4d s\n' $((SECONDS - started))
  elif ((code == 124)) && [[ -n ${PHASE_DEADLINE:-} ]]; then
    printf ' %4d s  out of time\n' $((SECONDS - started))
  else
    printf ' %4d s  FAILED; the end of %s:\n' $((SECONDS - started)) "$LOGS/$name.log"
    tail -n "${PHASE_TAIL_LINES:-40}" "$LOGS/$name.log" | sed 's/^/    /'
  fi
  return "$code"
}

# Node.js may come from elsewhere, with npm inside: then Debian's npm could not even be installed.
missing_packages() {
  local package
  for package in "$@"; do
    case $package in
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    dpkg -s "$package" 2>/dev/null | grep -qx 'Status: install ok installed' || printf '%s\n' "$package"
  done
}

apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  if ((EUID != 0)); then
    apt=(sudo "${apt[@]}")
  fi
  "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "$@"
}

# install_packages PACKAGE...: asks apt only for what is missing, and not at all when nothing is.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  command -v apt-get >/dev/null ||
    fail "this is not Debian: please install what these packages of Debian 12 hold: ${missing[*]}"
  ((EUID == 0)) || command -v sudo >/dev/null ||
    fail "needs root or sudo to install: apt-get install ${missing[*]}"
  say "installing with apt-get: ${missing[*]}"
  phase install "  download and unpack" apt_install "${missing[@]}" || exit 1
}

# How many compilers at once: the processors, but no more than one for each 1.5 GiB of memory.
jobs_count() {
  local processors memory_kib
  processors=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  local by_memory=$((memory_kib / (3 * 512 * 1024)))
  ((by_memory >= 1)) || by_memory=1
  echo $((processors < by_memory ? processors : by_memory))
}

# configure PRESET: only when there is no tree yet or the presets have changed;
# later runs leave it to ninja to notice other changes.
configure() {
  local preset=$1 tree=build/$1
  if [[ ! -f $tree/build.ninja || CMakePresets.json -nt $tree/build.ninja ]]; then
    phase "$preset-configure" "configure ($preset)" cmake --preset "$preset"
  fi
}

# build PRESET: what the build preset of that name says.
build() {
  phase "$1-build" "build ($1)" cmake --build --preset "$1" -j "$(jobs_count)"
}
