# lib_full.sh - what `scripts/test --full` adds: other compilers, other eyes, longer runs. Sourced by test.

# warnings NAME PATTERN: the build of that name must have printed no line of this pattern.
warnings() {
    if grep -hE "$2" "$logs/$1.log" | sort -u | head -n 100 | grep .; then return 1; fi
}

# Left out: Annex K functions (glibc has none), padding, unread results of snprintf (cut text is meant to be cut), and two
# that clang 14 gets wrong: va_list after va_start, and sizeof table / sizeof *table of pointers.
tidy_not=-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-optin.performance.Padding
tidy_not=$tidy_not,-cert-err33-c,-clang-analyzer-valist.Uninitialized,-bugprone-sizeof-expression

tidy() {
    find src -name '*.c' -print0 |
        xargs -0 -n 8 -P "$(nproc)" clang-tidy -p build --quiet --checks="$tidy_not" 2>/dev/null >"$logs/tidy.txt"
    grep -E ' (warning|error): ' "$logs/tidy.txt" | sort -u
    ! grep -qE ' (warning|error): ' "$logs/tidy.txt"
}

coverage() {
    gcovr -r . build-coverage --filter src/ --print-summary -o "$logs/coverage-files.txt" 2>&1 | grep -E '^(lines|branches)'
}

if CC=clang build clang build-clang -Dwerror=true; then suite clang build-clang; fi

if build threads build-tsan -Dbuildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false; then
    TSAN_OPTIONS=halt_on_error=1 suite threads build-tsan --timeout-multiplier 6
fi

if build debug build-debug -Dbuildtype=debugoptimized; then
    suite valgrind build-debug --setup valgrind --suite unit
fi

build analyzer build-analyzer -Dbuildtype=debugoptimized -Dc_args=-fanalyzer
check "gcc -fanalyzer" warnings build-analyzer 'warning: '
check "clang-tidy" tidy

if build coverage build-coverage -Dbuildtype=debug -Db_coverage=true; then
    suite coverage build-coverage --timeout-multiplier 4
    check "coverage report" coverage
fi

MOAT_LONG=1 suite long build --timeout-multiplier 30

write_full_report() {
    {
        echo "# The last full test"
        echo
        echo "Written by \`scripts/test --full\` on $(date -u +%Y-%m-%d), $(((SECONDS - began) / 60)) minutes on $(nproc) cores:"
        echo "moat $(build/moat --version 2>/dev/null | grep -oE '[0-9]+\.[0-9.]+' | head -n 1)," \
            "$(gcc --version | head -n 1), $(clang --version | head -n 1)."
        echo
        echo "| run | result |"
        echo "|---|---|"
        printf '%s\n' "${table[@]}"
        if [ -s "$logs/coverage-report.log" ]; then
            echo
            echo "Coverage of \`src/\`:"
            echo
            sed 's/^/- /' "$logs/coverage-report.log"
        fi
        echo
        echo "**$passed passed, $failed failed, $skipped skipped.**"
    } >docs/full-test.md
}
