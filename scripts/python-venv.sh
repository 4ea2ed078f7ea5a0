#!/bin/sh
# Makes a Python environment of its own in a folder, with packages from PyPI, unless it is there.
#
#   scripts/python-venv.sh DIR PACKAGE==VERSION…
set -eu
folder=$1
shift
[ "$(cat "$folder/.packages" 2>/dev/null)" = "$*" ] && exit 0
python3 -c 'import ensurepip, venv' 2>/dev/null || "$(dirname "$0")/install-packages.sh" python
rm -rf "$folder"
echo "installing: $* into $folder" >&2
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
# Last, so that what was interrupted is made again.
echo "$*" >"$folder/.packages"
