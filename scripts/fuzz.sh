#!/bin/sh
# Fuzzes every reader of what strangers made: tags, frames, texts, play logs, with the address sanitizer; ends with 1 on a find.
#
#   scripts/fuzz.sh SECONDS [TARGET…]
#
# What was learned stays in .build/fuzz/corpus/TARGET and the next run goes on from it; the bytes of
# a find are in .build/fuzz/finds. `.build/fuzz/release/spindle-fuzz TARGET FILE` runs one again.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift

runtime=$(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer_no_main-x86_64.a
[ -f "$runtime" ] || {
    echo "error: the toolchain has no libFuzzer: $runtime" >&2
    exit 1
}
# gold, the default, crashes on the sanitizers' sections.
SPINDLE_FUZZ_RUNTIME=$runtime swift build -c release --scratch-path .build/fuzz \
    -Xswiftc -use-ld=lld --product spindle-fuzz
program=$PWD/.build/fuzz/release/spindle-fuzz
corpus=$PWD/.build/fuzz/corpus
finds=$PWD/.build/fuzz/finds

targets=$*
[ -n "$targets" ] || targets=$("$program" --targets)

# Seeds: beginnings and ends of real files; what counts is their tags and first frames.
seed() {
    mkdir -p "$corpus/$1" "$finds"
    case $1 in log-*)
        # Logs of all formats: what is read as another one must not hurt either.
        for file in Tests/PlayLogTests/Samples/*; do
            [ -e "$corpus/$1/${file##*/}" ] || cp "$file" "$corpus/$1/"
        done
        return
        ;;
    queries)
        # Queries of each kind of sign, one a line.
        number=0
        while IFS= read -r query; do
            number=$((number + 1))
            printf '%s' "$query" >"$corpus/$1/query-$number"
        done <<'QUERIES'
the love of "stand together" -without -"these words"
artist:"a-ha" album:hunting title：sun genre:pop year:1985..1989 label:warner isrc:GB-AYE-06-01410
Don't l’amour R.E.M. A$AP P!nk Me & You + AC/DC rock'n'roll Pt. II ft. Björk Łódź
荒城の月 사랑 สวัสดี ｶﾞ 🎵 愛國 שָׁלוֹם أُحِبُّكَ हिन्दी
NEAR(a b) OR title:* AND "x" NOT ^y {a b}: c* '; DROP TABLE songs; --
QUERIES
        return
        ;;
    esac
    find sample-data/music -name '*.mp3' | sort | while read -r file; do
        name=$(printf '%s' "$file" | cksum | cut -d ' ' -f 1)
        [ -e "$corpus/$1/head-$name" ] || head -c 6000 "$file" >"$corpus/$1/head-$name"
        [ -e "$corpus/$1/tail-$name" ] || tail -c 3000 "$file" >"$corpus/$1/tail-$name"
    done
}

set -- $targets
each=$((seconds / $#))
[ "$each" -ge 1 ] || each=1
failed=''
for target in $targets; do
    seed "$target"
    echo "fuzzing $target for $each s" >&2
    # The C library's tables of encodings are held for good, and look leaked.
    ASAN_OPTIONS=detect_leaks=0 "$program" "$target" -detect_leaks=0 -max_total_time="$each" -timeout=5 -rss_limit_mb=1024 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$finds/$target-" "$corpus/$target" 2>"$finds/$target.log" || {
        failed="$failed $target"
        grep -E 'ERROR|Fatal|SUMMARY|written to' "$finds/$target.log" >&2 || true
    }
    grep -E 'number_of_executed_units|new_units_added' "$finds/$target.log" >&2 || true
done
[ -z "$failed" ] || {
    echo "error: finds in$failed; their bytes are in $finds" >&2
    exit 1
}
