--- The shell script that owns a private server, as a string.
---
--- It runs until its standard input ends, which happens in whatever way its starter ends, and then
--- kills the server and removes the folder. Arguments: the folder, which it makes; the folder of
--- templates; the flags of mariadbd. What it has to say, it writes into the folder:
---
---     pid      mariadbd runs under this number
---     failed   why it does not
---     log      what the programs printed
---
--- A data directory is a copy of a template, made once for each version of the server. Making one
--- takes half a second, so that those who come meanwhile wait for it; it appears by a rename, so
--- that nobody can see half of one. `mariadbd --version` takes long too: the template is found
--- through a link that is named after size and time of the program.
return [=[
folder=$1 cache=$2
shift 2
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
umask 077
cd / && mkdir "$folder" "$folder/tmp" || exit 1
export TMPDIR="$folder/tmp" # a server that starts clears away the temporary tables of others
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
exec >"$folder/log" 2>&1

wait_for_end() {
  while read -r _; do :; done
}

fail() {
  echo "$1" >"$folder/failed.new"
  mv "$folder/failed.new" "$folder/failed"
  wait_for_end
  exit 1
}

# Small files, for copying them is most of the work of a start.
small='--innodb-log-file-size=4M --innodb-data-file-path=ibdata1:4M:autoextend
  --innodb-temp-data-file-path=ibtmp1:4M:autoextend --innodb-autoextend-increment=1
  --innodb-undo-tablespaces=0 --aria-log-file-size=8M'
# Nothing has to survive, little has to be cached.
fast='--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync --innodb-doublewrite=0
  --innodb-use-native-aio=0 --innodb-log-buffer-size=2M --innodb-buffer-pool-size=16M
  --loose-innodb-buffer-pool-size-max=64M --loose-innodb-buffer-pool-dump-at-shutdown=0
  --loose-innodb-buffer-pool-load-at-startup=0 --key-buffer-size=64K
  --aria-pagecache-buffer-size=1M --performance-schema=OFF --skip-log-bin --skip-name-resolve
  --sync-frm=0'
user=
[ "$(id -u)" -ne 0 ] || user=--user=root

program=$(command -v mariadbd) ||
  fail 'mariadbd is not installed: apt-get install mariadb-server-core'
[ -n "$cache" ] && mkdir -p "$cache" && [ -w "$cache" ] && command -v flock || cache=$folder
link=$cache/mariadbd-$(stat -L -c %s-%Y "$program")

make_template() {
  version=$("$program" --no-defaults --version | sed 's/.* Ver \([0-9.]*\).*/\1/')
  template=$cache/mariadb-$version
  if [ ! -d "$template" ]; then
    rm -rf "$template".new.*
    mariadb-install-db --no-defaults $user --datadir="$template.new.$$" --skip-test-db \
      --auth-root-authentication-method=normal --skip-name-resolve $small || return
    mv "$template.new.$$" "$template"
  fi
  ln -sfn "mariadb-$version" "$link"
}

if [ ! -d "$link/mysql" ]; then
  ( flock 9; [ -d "$link/mysql" ] || make_template ) 9>"$cache/lock" ||
    fail 'mariadb-install-db cannot make a data directory'
fi
cp -R --reflink=auto --sparse=always "$link/" "$folder/data" ||
  fail "the template $link cannot be copied"

# Should this script be killed, the server goes with it.
with_us='setpriv --pdeathsig KILL'
$with_us true || with_us=
$with_us "$program" --no-defaults $user --datadir="$folder/data" --socket="$folder/s.sock" \
  --pid-file="$folder/mariadbd.pid" --local-infile=1 --character-set-server=utf8mb4 \
  $small $fast "$@" </dev/null &
server=$!
trap 'kill -9 $server; wait $server; rm -rf "$folder"' EXIT
echo $server >"$folder/pid.new"
mv "$folder/pid.new" "$folder/pid"
wait_for_end
]=]
