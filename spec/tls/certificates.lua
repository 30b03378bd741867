--- Certificates made by the openssl command for one spec run; no key is ever in the repository.

--- What `openssl x509 -req` writes into each certificate, by name.
local HOLDERS = {
  good = {
    subject = "/CN=cn.example",
    names = "DNS:db.example,DNS:*.wild.example,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1",
  },
  common_name = { subject = "/CN=cn.example" },
  address_only = { subject = "/CN=db.example", names = "IP:127.0.0.1" },
  hostile = { subject = "/CN=x", names = "DNS:\27[31mred" },
  expired = { subject = "/CN=db.example", names = "DNS:db.example", days = -1 },
  client = { subject = "/CN=somebody" },
  foreign = { subject = "/CN=db.example", names = "DNS:db.example", ca = "other_ca" },
}

---@class spec.Certificates
---@field private folder string
local Certificates = {}
Certificates.__index = Certificates

---@param name string file name inside the folder
---@return string path
function Certificates:path(name)
  return self.folder .. "/" .. name
end

---@param name string file name inside the folder
---@return string text
function Certificates:read(name)
  local file = assert(io.open(self:path(name)))
  local text = file:read("*a")
  file:close()
  return text
end

function Certificates:remove()
  os.execute("rm -r " .. self.folder)
end

--- Makes a folder of one CA, as ca_path wants it.
---@param ca string
---@return string path
function Certificates:make_folder(ca)
  local folder = self:path(ca .. ".d")
  assert(os.execute(("mkdir %s && cp %s %s"):format(folder, self:path(ca .. ".pem"), folder)))
  self:run("rehash %s", folder)
  return folder
end

---@private
function Certificates:run(command, ...)
  local log = self:path("log")
  local status =
    os.execute(("cd %s && openssl "):format(self.folder) .. command:format(...) .. " 2> log")
  if status ~= 0 and status ~= true then
    error(("openssl %s\n%s"):format(command:format(...), io.open(log):read("*a")))
  end
end

---@private
function Certificates:make_key(name)
  self:run("ecparam -name prime256v1 -genkey -noout -out %s.key", name)
end

---@private
function Certificates:make_self_signed(name, subject, extensions)
  self:make_key(name)
  local command = "req -x509 -new -key %s.key -days 2 -subj '%s' -addext '%s' -out %s.pem"
  self:run(command, name, subject, extensions, name)
end

---@private
function Certificates:make_signed(name, holder)
  local ca = holder.ca or "ca"
  self:make_key(name)
  local extensions = assert(io.open(self:path(name .. ".ext"), "w"))
  extensions:write(
    holder.names and "subjectAltName=" .. holder.names or "basicConstraints=CA:FALSE"
  )
  extensions:close()
  self:run("req -new -key %s.key -subj '%s' -out %s.csr", name, holder.subject, name)
  local command = "x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial "
    .. "-days %d -extfile %s.ext -out %s.pem"
  self:run(command, name, ca, ca, holder.days or 2, name, name)
end

--- Makes all of them in a new folder; `remove` deletes it.
---@return spec.Certificates
local function make()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir -m 700 " .. folder))
  local self = setmetatable({ folder = folder }, Certificates)
  self:make_self_signed("ca", "/CN=lunasa test CA", "keyUsage=keyCertSign")
  self:make_self_signed("other_ca", "/CN=somebody else", "keyUsage=keyCertSign")
  self:make_self_signed("self_signed", "/CN=db.example", "subjectAltName=DNS:db.example")
  for name, holder in pairs(HOLDERS) do
    self:make_signed(name, holder)
  end
  self:run("ec -in client.key -aes256 -passout pass:secret -out locked.key")
  return self
end

return { make = make }
