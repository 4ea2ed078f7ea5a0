#!/bin/sh
# One attempt at a task: runs on an executor, in whose folder Spark has put `spindle`.
#
# Reads a line each from standard input: where the result goes (or - where the program knows), and
# the arguments. A partial goes into a folder of this attempt's own, whose name is the answer: of
# attempts that were lost, ran twice or came late, the driver takes the one that Spark took.
set -eu
read -r place
set --
while IFS= read -r argument; do set -- "$@" "$argument"; done
result=$place
if [ "$place" != - ]; then
    result=$place-$(cat /proc/sys/kernel/random/uuid)
    set -- "$@" --to "$result"
fi
# 75: another one holds the warehouse, perhaps an attempt that lost its executor and is not done yet.
for second in 1 2 4 8 16 32 64; do
    code=0
    ./spindle plays "$@" >&2 || code=$?
    [ "$code" = 75 ] || break
    sleep "$second"
done
[ "$code" = 0 ] || exit "$code"
echo "$result"
