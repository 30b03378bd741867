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

# use_release STATE: learns what this machine's own release offers, with its security updates: the
# versions are those that are installed, or will be at the next upgrade.
use_release() {
  local state=$1 mirror suites release
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
  # shellcheck disable=SC2016 # apt expands it
  local format='$(REPO_URI) $(RELEASE)'
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  while read -r mirror suites; do
    [[ $suites != "$release"* ]] ||
      echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suites main"
  done < <(apt-get indextargets --format "$format" 'Created-By: Packages') |
    sort -u >"$state/sources.list"
  private_apt "$state" update
}

# The folders of a Debian system, with /usr merged: or a C library lands in a folder of its own.
make_tree() {
  local tree=$1 folder
  for folder in bin sbin lib lib64; do
    mkdir -p "$tree/usr/$folder"
    ln -s "usr/$folder" "$tree/$folder"
  done
}

# make_contained_launcher FILE PROGRAM [ARGUMENT...]: FILE runs what is in root/ beside it, with root/'s own
# loader and libraries.
make_contained_launcher() {
  local launcher=$1 program=$2
  shift 2
  cat >"$launcher" <<LAUNCHER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/root
for loader in "\$root"/lib64/ld-linux-*.so.* "\$root"/lib/ld-linux-*.so.*; do
  [ -e "\$loader" ] && break
done
libraries=\$(echo "\$root"/usr/lib/*-linux-gnu):\$root/usr/lib/mysql/private
program=\$root/$program
exec "\$loader" --library-path "\$libraries" --argv0 "\$program" "\$program" \\
  --no-defaults $* "\$@"
LAUNCHER
  chmod 755 "$launcher"
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
