--- The statements behind `callproc`: parameters travel in user variables, because that is where a
--- procedure can leave what it gives out.
local errors = require("lunasa.error")
local identifier = require("lunasa.identifier")
local values = require("lunasa.values")

local procedure = {}

--- User variables have names of at most 64 characters.
local LONGEST_NAME = 48

---@class lunasa.ProcedureCall
---@field set? string gives the variables their values, with a `?` for each; nil without parameters
---@field call string
---@field get? string asks for the variables; nil without parameters

local function refuse(message, level)
  errors.raise("ArgumentError", message, nil, level + 1)
end

--- Reads the part of a name that begins at `at`: in backticks, or up to the next dot.
---@return string? part
---@return integer behind
local function part_at(name, at)
  if name:sub(at, at) ~= "`" then
    local part = name:match("^[^.]+", at)
    return part, at + #(part or "")
  end
  local from = at + 1
  while true do
    local close = name:find("`", from, true)
    if not close then
      return nil, at
    elseif name:sub(close + 1, close + 1) ~= "`" then
      return name:sub(at + 1, close - 1):gsub("``", "`"), close + 1
    end
    from = close + 2
  end
end

--- Splits `procedure` or `database.procedure`; nil when it is neither.
---@return string[]?
local function split(name)
  local parts, at = {}, 1
  repeat
    local part, behind = part_at(name, at)
    local follows = name:sub(behind, behind)
    if not part or part == "" or #parts == 2 or follows ~= "" and follows ~= "." then
      return nil
    end
    table.insert(parts, part)
    at = behind + 1
  until follows == ""
  return #parts <= 2 and parts or nil
end

--- Cuts between two UTF-8 characters.
local function cut(name)
  local size = LONGEST_NAME
  while size > 0 and #name > size and name:byte(size + 1) >= 0x80 and name:byte(size + 1) < 0xc0 do
    size = size - 1
  end
  return name:sub(1, size)
end

--- Names the variables as aiomysql does: `@_name_0`, `@_name_1` and so on.
local function variables(session, parts, count, level)
  local base, list = cut(table.concat(parts, ".")), {}
  for i = 1, count do
    local name = ("_%s_%d"):format(base, i - 1)
    local is_plain = name:find("^[%w_.$]+$")
    list[i] = "@" .. (is_plain and name or identifier.quote(session, name, level + 2))
  end
  return list
end

--- Counts the parameters, which must be a list.
local function count_of(args, level)
  if args == nil then
    return 0
  elseif type(args) ~= "table" then
    refuse(("callproc takes a list of parameters, got %s"):format(type(args)), level + 1)
  elseif values.kind(args) == "pack" then
    return args.n
  elseif values.kind(args) or #args == 0 and next(args) ~= nil then
    refuse("callproc takes a list of parameters: a procedure's have no names", level + 1)
  end
  return #args
end

--- Makes the statements of a call.
---@param session userdata the channel's
---@param name any
---@param args any
---@param level integer whose mistake it is, counted as by `error` in here
---@return lunasa.ProcedureCall
function procedure.call(session, name, args, level)
  local parts = type(name) == "string" and split(name)
  if not parts then
    refuse("callproc needs the name of a procedure, such as 'p', 'db.p' or '`a.b`'", level)
  end
  local list = variables(session, parts, count_of(args, level), level)
  for i, part in ipairs(parts) do
    parts[i] = identifier.quote(session, part, level + 1)
  end
  local all = table.concat(list, ",")
  local has_any = #list > 0
  return {
    set = has_any and "SET " .. table.concat(list, "=?,") .. "=?" or nil,
    call = ("CALL %s(%s)"):format(table.concat(parts, "."), all),
    get = has_any and "SELECT " .. all or nil,
  }
end

return procedure
