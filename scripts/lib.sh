# shellcheck shell=bash
# What every script here shares: where the project is, how to speak, how to fail. Source it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Downloads and tools that are no part of the checkout.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lunasa

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "${0##*/}: $*"
  exit 1
}

# The text of the comment at the head of the calling script is its manual.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
