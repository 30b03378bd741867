--- How values inside JSON are written, as MySQL, MariaDB and SQLite do it.

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- `JSON_EXTRACT(document, path)`.
  function Compiler:json_extract(node)
    return ("JSON_EXTRACT(%s, %s)"):format(self:process(node.element), self:process(node.path))
  end

  function Compiler:json_get(node)
    return self:json_extract(node)
  end
end
