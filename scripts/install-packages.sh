#!/bin/sh
# Installs the Debian packages that Spindle is built and run with, if any is missing.
# `install-packages.sh tests` adds what only the tests need, `search-bench` what that benchmark does,
# `python` what Python environments are made with, `spark` what Spark runs on besides.
# The one list of them; docs/decisions/ says why each is there.
set -eu

packages='
  git make pkg-config zstd
  binutils libc6-dev libstdc++-12-dev libgcc-12-dev libncurses6 libxml2 libcurl4
  libsqlite3-dev
  libtag1-dev libtagc0-dev
  libmicrohttpd-dev
  zlib1g-dev libisal-dev libzstd-dev
  libssl-dev
  libutf8proc-dev
  libmpg123-dev libebur128-dev
  libgd3
  libarchive-dev
'
# Fingerprints are an option that costs 240 MB; the tests try it. They look into ledgers as people do.
[ "${1:-}" = tests ] && packages="$packages libchromaprint1 sqlite3"
# The names of the made-up library that search is judged on come from these word lists.
[ "${1:-}" = search-bench ] && packages="$packages
  wamerican wspanish wfrench wngerman wportuguese witalian wpolish wswedish wukrainian
  skkdic hunspell-ko hunspell-th"

[ "${1:-}" = python ] && packages="$packages python3 python3-venv"
[ "${1:-}" = spark ] && packages="$packages python3 python3-venv openjdk-17-jre-headless"

# Names the packages that are installed; unknown names go to stderr and are missing.
# shellcheck disable=SC2086 # word splitting is meant
installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $packages 2>/dev/null |
    sed -n 's/^ii *//p' | tr '\n' ' ')"
missing=''
for package in $packages; do
    case $installed in
        *" $package "*) ;;
        *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

echo "installing:$missing" >&2
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "error: these packages are missing and there is no sudo:$missing" >&2
        echo "hint: as root, run apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # word splitting is meant
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 || {
    # The package lists may be missing or old: fetch them and say what goes wrong this time.
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
