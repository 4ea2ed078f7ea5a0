#!/bin/sh
# Installs what `generate.py render` and `generate.py logs` call, on Debian 12.
set -eu
apt-get update
apt-get install --yes --no-install-recommends \
    abcmidi fluidsynth fluid-soundfont-gm lame zstd
