# shellcheck shell=bash
# The life of a throwaway server: what mariadb, mariadb-next and mysql have in common.
#
# The sourcing script defines
#
#   name             mariadb, mariadb-next or mysql
#   prepare          sees that the programs are there; prints what the template depends on
#   template DATA    makes a data directory
#   serve ARG...     becomes the server, with --datadir, --socket, --port and TLS in ARG
#   client ARG...    runs the command-line client
#   accounts         prints the SQL that makes users and databases
#   certificate      name of the certificate to show, see make-certificates
#
# and ends with `run "$@"`. A server lives in a folder: data/, s.sock, pid, server.log and env,
# which has its LUNASA_TEST_* variables. Nothing in it is worth keeping: it is killed, not shut
# down, and its folder goes with it. LUNASA_SERVER_PORT asks for a certain port, for whoever wants
# a server to come back where it was.

state=${LUNASA_SERVERS:-$root/.servers}

# These would make an ordinary start slow and its data directory big.
small_innodb=(--innodb-temp-data-file-path=ibtmp1:12M:autoextend --innodb-autoextend-increment=1)
fast_innodb=(
  --innodb-buffer-pool-size=64M --innodb-flush-method=nosync
  --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-use-native-aio=0
)
common=(
  --bind-address=127.0.0.1 --skip-name-resolve --skip-log-bin --performance-schema=OFF
  --max-connections=500 --max-allowed-packet=1G --local-infile=1 --secure-file-priv=
  --character-set-server=utf8mb4
)
# Else the C library keeps what large packets took: up to a gigabyte in each of the suite's servers.
export MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 MALLOC_TRIM_THRESHOLD_=1048576
# Servers refuse to run as root unless told.
if [[ $(id -u) -eq 0 ]]; then
  common+=(--user=root)
fi

# A port that nobody listens on at this moment. Perl's base is part of every Debian.
free_port() {
  perl -MIO::Socket::INET -e \
    'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:0")->sockport'
}

# Is the process that we started for this folder still there? A number alone may be somebody
# else's by now; the data directory on its command line is ours.
is_running() {
  local folder=$1 pid
  [[ -s $folder/pid ]] || return
  pid=$(cat "$folder/pid")
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -- "--datadir=$folder/data"
}

down() {
  local folder=$1
  if is_running "$folder"; then
    kill -KILL "$(cat "$folder/pid")"
    while is_running "$folder"; do
      sleep 0.01
    done
  fi
  rm -rf "$folder"
}

# The data directory that every server starts from a copy of, made once for a version.
make_template() {
  local version=$1
  template_data=$state/templates/$name-$version
  mkdir -p "$state/templates"
  (
    flock 9
    if [[ ! -d $template_data ]]; then
      rm -rf "$template_data.new" "$template_data.tmp"
      mkdir "$template_data.tmp"
      TMPDIR=$template_data.tmp template "$template_data.new" >"$template_data.log" 2>&1 || {
        tail -n 20 "$template_data.log" >&2
        die "cannot make a data directory"
      }
      rm -rf "$template_data.tmp"
      mv "$template_data.new" "$template_data"
    fi
    "$root/scripts/servers/make-certificates" "$state/certificates"
  ) 9>"$state/templates/lock"
}

# start FOLDER PORT [FLAG...]: false when the server does not come up.
start() {
  local folder=$1 port=$2 certificates=$state/certificates
  shift 2
  # A server that starts removes the temporary tables of others from a tmpdir that they share.
  mkdir -p "$folder/tmp"
  serve --datadir="$folder/data" --tmpdir="$folder/tmp" --socket="$folder/s.sock" --pid-file="$folder/server.pid" \
    --port="$port" --log-error="$folder/server.log" --ssl-ca="$certificates/ca.pem" \
    --ssl-cert="$certificates/$certificate-cert.pem" \
    --ssl-key="$certificates/$certificate-key.pem" \
    "${common[@]}" "${small_innodb[@]}" "${fast_innodb[@]}" "$@" \
    </dev/null >>"$folder/server.log" 2>&1 &
  echo $! >"$folder/pid"
  wait_until_ready "$folder" "$!"
}

wait_until_ready() {
  local folder=$1 pid=$2 deadline=$((SECONDS + 60))
  while ((SECONDS < deadline)) && kill -0 "$pid" 2>/dev/null; do
    if [[ -S $folder/s.sock ]] && as_admin "$folder" -e 'DO 1' 2>/dev/null; then
      return 0
    fi
    sleep 0.02
  done
  return 1
}

as_admin() {
  local folder=$1
  shift
  client --default-character-set=utf8mb4 --user=root --socket="$folder/s.sock" "$@"
}

write_env() {
  local folder=$1 port=$2 prefix=LUNASA_TEST_${name^^} certificates=$state/certificates
  prefix=${prefix//-/_}
  {
    printf '%s=%q\n' \
      "${prefix}_URL" "mysql://root@127.0.0.1:$port/test" \
      "${prefix}_HOST" 127.0.0.1 \
      "${prefix}_PORT" "$port" \
      "${prefix}_SOCKET" "$folder/s.sock" \
      "${prefix}_PID" "$(cat "$folder/pid")" \
      "${prefix}_LOG" "$folder/server.log" \
      LUNASA_TEST_CERTS "$certificates" \
      LUNASA_TEST_CA "$certificates/ca.pem" \
      LUNASA_TEST_OTHER_CA "$certificates/other-ca.pem"
    if [[ -f $folder/data/public_key.pem ]]; then
      printf '%s=%q\n' "${prefix}_PUBLIC_KEY" "$folder/data/public_key.pem"
    fi
  } >"$folder/env"
}

up() {
  local folder=$1 version port
  shift
  if is_running "$folder"; then
    echo "$folder/env"
    return
  fi
  # The path of a socket has room for 107 bytes.
  ((${#folder} < 100)) || die "$folder is too long for a unix socket: set LUNASA_SERVERS"
  version=$(prepare)
  make_template "$version"
  for _ in 1 2 3 4 5; do
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -a --reflink=auto --sparse=always "$template_data" "$folder/data"
    port=${LUNASA_SERVER_PORT:-$(free_port)}
    if start "$folder" "$port" "$@"; then
      accounts | as_admin "$folder" || break
      write_env "$folder" "$port"
      echo "$folder/env"
      return
    fi
    # Somebody may have taken the port meanwhile. Nothing else is worth another try.
    grep -q 'Address already in use' "$folder/server.log" || break
  done
  tail -n 20 "$folder/server.log" >&2
  down "$folder"
  die "$name does not start"
}

run() {
  local command=${1:-} folder
  [[ $command == up || $command == down ]] || usage
  shift
  folder=$(realpath -m "${1:-$state/$name}")
  shift $(($# > 0))
  "$command" "$folder" "$@"
}
