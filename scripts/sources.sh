# shellcheck shell=bash
# The files that scripts/format and scripts/lint look at, NUL-separated. Run from the root.

# sources NAME-TEST...: neither what is built nor what hides.
sources() {
  find . \( -path './build*' -o -name '.?*' \) -prune -o -type f \( "$@" \) -printf '%P\0' |
    sort -z
}

c_sources() {
  sources -name '*.c' -o -name '*.h'
}

lua_sources() {
  sources -name '*.lua' -o -name '*.rockspec'
}
