# shellcheck shell=bash
# Debian packages unpacked, not installed: needs scripts/lib.sh and a network, but no root.
#
# apt gets a state directory of its own, so the machine's lists, cache and installed packages are
# neither read nor changed; only the addresses of the mirrors are the machine's.

# private_apt STATE [apt-get arguments...]
private_apt() {
  local state=$1
  shift
  apt-get -q -y --no-install-recommends \
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any \
    -o Acquire::Languages=none -o Acquire::Retries=3 "$@" >>"$state/log" 2>&1
}

# use_suite STATE SUITE: makes STATE and learns what the suite offers. Any source of this machine
# may be the one that serves it; Debian's signature tells.
use_suite() {
  local state=$1 suite=$2 mirror
  # shellcheck disable=SC2016 # apt expands it
  local format='$(REPO_URI)'
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status" # nothing counts as installed, so that whole closures are fetched
  while read -r mirror; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
      >"$state/sources.list"
    if private_apt "$state" update; then
      return 0
    fi
  done < <(apt-get indextargets --format "$format" 'Created-By: Packages' | uniq)
  return 1
}

# unpack ROOT DEB...: documentation stays out.
unpack() {
  local destination=$1 deb
  shift
  for deb in "$@"; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$destination" \
      --keep-directory-symlink --no-same-owner \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*'
  done
}
