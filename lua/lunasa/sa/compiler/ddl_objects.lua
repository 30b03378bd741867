--- How sequences, schemas and comments are written.

---@param Compiler lunasa.sa.Compiler
return function(Compiler)
  --- Options of sequences and of identities, in the order in which they are written.
  local NUMBERS = {
    { "increment", "INCREMENT BY %d" },
    { "start", "START WITH %d" },
    { "minvalue", "MINVALUE %d" },
    { "maxvalue", "MAXVALUE %d" },
    { "nominvalue", "NO MINVALUE" },
    { "nomaxvalue", "NO MAXVALUE" },
    { "cache", "CACHE %d" },
  }

  --- `START WITH 5 INCREMENT BY 2`; empty for none.
  function Compiler.sequence_options(_, one)
    local parts = {}
    for _, option in ipairs(NUMBERS) do
      local value = one[option[1]]
      if type(value) == "number" then
        parts[#parts + 1] = option[2]:format(value)
      elseif value then
        parts[#parts + 1] = option[2]
      end
    end
    if one.cycle ~= nil then
      parts[#parts + 1] = one.cycle and "CYCLE" or "NO CYCLE"
    end
    return table.concat(parts, " ")
  end

  --- The name of a sequence, behind its schema.
  function Compiler:sequence_name(sequence)
    local name = self:quote(sequence.name)
    return sequence.schema and self:quote(sequence.schema) .. "." .. name or name
  end

  function Compiler:create_sequence(node)
    local sequence = node.subject
    self:check_sequences()
    local words = node.options.if_not_exists and "IF NOT EXISTS " or ""
    local type_ = sequence.data_type and self:sequence_type(sequence.data_type) or ""
    return ("CREATE SEQUENCE %s%s%s %s"):format(
      words,
      self:sequence_name(sequence),
      type_,
      self:sequence_options(sequence)
    )
  end

  --- Most databases have no types of sequences.
  function Compiler.sequence_type()
    return ""
  end

  function Compiler:drop_sequence(node)
    self:check_sequences()
    local words = node.options.if_exists and "IF EXISTS " or ""
    return "DROP SEQUENCE " .. words .. self:sequence_name(node.subject)
  end

  function Compiler:check_sequences() -- luacheck: no self
  end

  function Compiler:create_schema(node)
    local words = node.options.if_not_exists and "IF NOT EXISTS " or ""
    return "CREATE SCHEMA " .. words .. self:quote(node.subject)
  end

  function Compiler:drop_schema(node)
    local words = node.options.if_exists and "IF EXISTS " or ""
    local cascade = node.options.cascade and " CASCADE" or ""
    return "DROP SCHEMA " .. words .. self:quote(node.subject) .. cascade
  end

  function Compiler:comment_text(value)
    return value and self:string(value) or "NULL"
  end

  function Compiler:set_table_comment(node)
    local one = node.subject
    return ("COMMENT ON TABLE %s IS %s"):format(
      self:table_name(one),
      self:comment_text(node.kind == "set_table_comment" and one.comment)
    )
  end

  function Compiler:drop_table_comment(node)
    return self:set_table_comment(node)
  end

  function Compiler:set_column_comment(node)
    local column = node.subject
    return ("COMMENT ON COLUMN %s.%s IS %s"):format(
      self:table_name(column.table),
      self:quote(column.name, column.quote),
      self:comment_text(node.kind == "set_column_comment" and column.comment)
    )
  end

  function Compiler:drop_column_comment(node)
    return self:set_column_comment(node)
  end
end
