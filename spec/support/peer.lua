--- Peers that no database server would be: what they say, and when, is a line of Perl.

local peer = {}

---@class spec.Peer
---@field host string
---@field port integer
---@field private pid integer
---@field private output file*
local Peer = {}
Peer.__index = Peer

--- Accepts connections; `$client` is one of them. Ends by itself after a while, whatever happens.
local PROGRAM = [[
use IO::Socket::INET;
$| = 1;
alarm 60;
my $server = IO::Socket::INET->new(Listen => 8, LocalAddr => "127.0.0.1:0") or die;
print $server->sockport, " $$\n";
my @kept;
while (my $client = $server->accept) { push @kept, $client; %s }
]]

--- What a peer does with a connection.
local MANNERS = {
  silent = "",
  closing = "pop @kept; close $client;",
  http = [[print $client "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"; $client->flush;]],
  ssh = [[print $client "SSH-2.0-OpenSSH_9.2p1\r\n"; $client->flush;]],
  -- The beginning of a greeting of MariaDB, and no more of it.
  half_greeting = [[print $client "\x6e\0\0\0\x0a5.5.5-10.11"; $client->flush;]],
  zeros = [[print $client "\0" x 4096; $client->flush;]],
}

--- Says one thing at first, and another one each time it hears something.
local TALKING = [[
foreach my $said (qw(%s)) {
  print $client pack("H*", $said);
  $client->flush;
  sysread($client, my $heard, 65536) or last;
}
]]

--- Listens, but its queue is full: the kernel drops what asks to be connected.
local BLACK_HOLE = [[
use strict;
use Socket qw(:DEFAULT SOCK_NONBLOCK);
$| = 1;
alarm 60;
my $at = sub { pack_sockaddr_in($_[0], inet_aton("%s")) };
socket(my $server, PF_INET, SOCK_STREAM, 0) or die;
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, $at->(%d)) && listen($server, 0) or die "$!";
my ($port) = unpack_sockaddr_in(getsockname($server));
my @kept;
for (1 .. 4) {
  socket(my $client, PF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) or die;
  connect($client, $at->($port));
  push @kept, $client;
}
select(undef, undef, undef, 0.05);
print "$port $$\n";
sleep 60;
]]

---@param program string
---@param host string
---@return spec.Peer
local function run(program, host)
  local output = assert(io.popen("exec perl -e '" .. program .. "'"))
  local port, pid = assert(output:read("*l")):match("^(%d+) (%d+)$")
  return setmetatable({
    host = host,
    port = tonumber(port),
    pid = tonumber(pid),
    output = output,
  }, Peer)
end

---@param deed string Perl, for each connection
---@return spec.Peer
local function start(deed)
  return run(PROGRAM:format(deed), "127.0.0.1")
end

--- Starts a peer. Whoever does calls `close`.
---@param manner "silent"|"closing"|"http"|"ssh"|"half_greeting"|"zeros"
---@return spec.Peer
function peer.start(manner)
  return start(assert(MANNERS[manner]))
end

--- Starts a peer that says these bytes, one string at first and one for each write of ours. Whoever
--- does calls `close`.
---@param ... string
---@return spec.Peer
function peer.talking(...)
  local sayings = {}
  for i, said in ipairs({ ... }) do
    sayings[i] = said:gsub(".", function(byte)
      return ("%02x"):format(byte:byte())
    end)
  end
  return start(TALKING:format(table.concat(sayings, " ")))
end

--- Starts a peer that never answers whoever connects. Whoever does calls `close`.
---@param host string an address of this machine in numbers
---@param port? integer any when nil
---@return spec.Peer
function peer.black_hole(host, port)
  return run(BLACK_HOLE:format(host, port or 0), host)
end

--- Gives a port on which nobody listens at this moment.
---@return integer
function peer.closed_port()
  local listener = peer.start("silent")
  listener:close()
  return listener.port
end

function Peer:close()
  os.execute(("kill %d 2>/dev/null"):format(self.pid))
  self.output:close()
end

return peer
