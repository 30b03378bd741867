# shellcheck shell=bash
# The files that scripts/format and scripts/lint look at, NUL-separated. Run from the root.
#
# Git knows them: committed or new, but neither ignored nor deleted.

existing() {
  git ls-files -z --cached --others --exclude-standard -- "$@" | sort -zu |
    while IFS= read -r -d '' file; do
      [[ ! -f $file ]] || printf '%s\0' "$file"
    done
}

c_sources() {
  existing '*.c' '*.h'
}

lua_sources() {
  existing '*.lua' '*.rockspec'
}
