# lib.sh - what the scripts share: where the tree is, how a step runs and reports, what apt must bring.
# Sourced by setup, demo and test; every function is silent unless it has something to say.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
logs=$root/build/logs

export LC_ALL=C.UTF-8
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    red=$'\e[31m' green=$'\e[32m' dim=$'\e[2m' plain=$'\e[0m'
else
    red='' green='' dim='' plain=''
fi

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 3; }

# step NAME COMMAND...: run it with its output in a log; one line on stderr; on failure the end of the log.
step() {
    local name=$1 log began rc=0
    shift
    mkdir -p "$logs"
    log=$logs/$(printf '%s' "$name" | tr -c 'A-Za-z0-9\n' '-').log
    began=$SECONDS
    [ -t 2 ] && printf '%s' "${dim}  $name ...${plain}" >&2
    "$@" >"$log" 2>&1 </dev/null || rc=$?
    [ -t 2 ] && printf '\r\e[K' >&2
    if [ "$rc" -eq 0 ]; then
        say "${green}ok${plain}    $name ${dim}($((SECONDS - began)) s)${plain}"
    else
        say "${red}FAIL${plain}  $name ($((SECONDS - began)) s, exit $rc); the end of ${log#"$root"/}:"
        tail -n "${STEP_TAIL:-60}" "$log" | sed 's/^/      /' >&2
    fi
    return "$rc"
}

# configure DIR OPTION...: meson setup once; later calls change the options of the same folder.
configure() {
    local dir=$1
    shift
    if [ -f "$dir/build.ninja" ]; then
        meson configure "$dir" "$@"
    else
        meson setup "$dir" "$@"
    fi
}

compile() { meson compile -C "$@"; }

# Debian 12 packages, by what they are for. Each list holds the one before it.
packages_build="build-essential meson ninja-build pkg-config python3 libyaml-dev libjansson-dev libpopt-dev libxxhash-dev
    libcmocka-dev libnlopt-dev libcurl4-openssl-dev libmicrohttpd-dev coinor-libcbc-dev"
# The page wants npm. The one on PATH is taken: Debian's conflicts with others.
packages_page=$packages_build
command -v npm >/dev/null && command -v node >/dev/null || packages_page="$packages_page npm"
packages_test="$packages_page python3-cram python3-venv chromium glpk-utils"
packages_full="$packages_test clang clang-tidy libclang-rt-14-dev valgrind gcovr"
