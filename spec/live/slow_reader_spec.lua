--- A server that stops reading for a moment in the middle of a large statement.
local lunasa = require("lunasa")
local server = require("spec.support.server")
local task = require("spec.support.task")

--- Stands between us and a server. Of a unix socket, whose buffers do not grow: what fills them is
--- the same each time. It stops reading once it has heard more than a login has.
local PROXY = [[
use IO::Socket::INET;
use IO::Socket::UNIX;
$| = 1;
alarm 60;
$SIG{CHLD} = "IGNORE";
my $listener = IO::Socket::UNIX->new(Listen => 64, Local => "%s") or die;
print "$$\n";
while (my $client = $listener->accept) {
  next if fork;
  alarm 30;
  my $server = IO::Socket::INET->new("%s:%d") or die;
  my ($from, $to) = fork ? ($client, $server) : ($server, $client);
  my ($heard, $bytes) = 0;
  while (sysread($from, $bytes, 65536)) {
    select(undef, undef, undef, 0.2) if $from == $client && $heard <= 20000
      && ($heard += length $bytes) > 20000;
    print $to $bytes;
    $to->flush;
  }
  shutdown($to, 1);
  exit;
}
]]

--- Sizes of statements around what the buffers of a socket hold, closer together than the pieces in
--- which they are encrypted.
local SMALLEST, LARGEST, STEP = 100000, 500000, 16000

describe("a server that stops reading for a moment #live", function()
  local path, proxy, pid

  local function start(db)
    path = os.tmpname()
    os.remove(path)
    local program = PROXY:format(path, db.host, db.port)
    proxy = assert(io.popen("exec perl -e '" .. program .. "'"))
    pid = assert(proxy:read("*n"))
  end

  after_each(function()
    os.execute(("kill %d 2>/dev/null"):format(pid))
    proxy:close()
    os.remove(path)
  end)

  server.each(function(db)
    for _, ssl in ipairs({ "disabled", "required" }) do
      it(
        ("gets the rest of every statement: %s, ssl %s"):format(db.name, ssl),
        task(function()
          start(db)
          local tasks = {}
          for size = SMALLEST, LARGEST, STEP do
            tasks[size] = lunasa.spawn(function()
              local conn = lunasa.connect({ unix_socket = path, user = "root", ssl = ssl })
              assert.equal(ssl == "required", conn.is_encrypted)
              local sql = "SELECT LENGTH('" .. ("x"):rep(size) .. "')"
              local length = conn:scalar(sql, nil, { timeout = 5 })
              conn:close()
              return length
            end)
          end

          for size = SMALLEST, LARGEST, STEP do
            assert.equal(size, tasks[size]:join())
          end
        end)
      )
    end
  end)
end)
