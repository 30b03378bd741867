--- Other programs, as the shell runs them. They block: nothing else is to happen meanwhile.

local shell = {}

--- The project's folder.
shell.root = arg[0]:match("^(.*)/bench/[^/]*$")

---@param text string
---@return string
function shell.quoted(text)
  return "'" .. tostring(text):gsub("'", [['\'']]) .. "'"
end

--- Runs a command line and gives what it wrote to standard output.
---@param line string
---@return string output without newlines at the end
---@return integer status
function shell.run(line)
  local pipe = assert(io.popen(("{ %s\n}; echo; echo $?"):format(line)))
  local output, status = pipe:read("*a"):match("^(.-)\n*(%d+)\n$")
  pipe:close()
  return output, tonumber(status)
end

--- Runs a command line that must not fail.
---@param line string
---@return string output
function shell.must(line)
  local output, status = shell.run(line)
  if status ~= 0 then
    error(("%s: status %d"):format(line, status), 0)
  end
  return output
end

--- `VARIABLE=value ` for each.
---@param variables table<string, any>
---@return string
function shell.environment(variables)
  local assignments = {}
  for name, value in pairs(variables) do
    table.insert(assignments, ("%s=%s "):format(name, shell.quoted(value)))
  end
  table.sort(assignments)
  return table.concat(assignments)
end

--- The last processor that this process may use.
---@return integer
function shell.last_cpu()
  local list = shell.must("taskset -cp $$")
  return tonumber(list:match("(%d+)$"))
end

return shell
