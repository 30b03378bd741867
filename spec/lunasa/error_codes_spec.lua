local codes = require("lunasa.error_codes")

local function list(text)
  local numbers = {}
  for number in text:gmatch("%d+") do
    table.insert(numbers, tonumber(number))
  end
  return numbers
end

--- What PyMySQL publishes, except 4025, which is an OperationalError there.
local PYMYSQL = {
  ProgrammingError = "1007 1064 1102 1103 1110 1111 1112 1113 1146 1149 1166 1179",
  DataError = "1171 1230 1263 1264 1265 1366 1367 1406 1441",
  IntegrityError = "1048 1062 1215 1216 1217 1451 1452",
  NotSupportedError = "1196 1235 1286 1289",
  OperationalError = "1040 1044 1045 1142 1143 1213",
}

describe("lunasa.error_codes", function()
  describe(".class_of", function()
    for class, numbers in pairs(PYMYSQL) do
      it("gives PyMySQL's " .. class, function()
        for _, number in ipairs(list(numbers)) do
          assert.equal(class, codes.class_of(number, "HY000"), number)
        end
      end)
    end

    for _, case in ipairs({
      { 1054, "42S22", "ProgrammingError", "an unknown column" },
      { 1052, "23000", "ProgrammingError", "an ambiguous column, whose SQLSTATE misleads" },
      { 1049, "42000", "OperationalError", "an unknown database" },
      { 1046, "3D000", "ProgrammingError", "no database selected" },
      { 1203, "42000", "OperationalError", "too many connections of a user" },
      { 1242, "21000", "ProgrammingError", "a subquery of two rows" },
      { 1292, "22007", "DataError", "a bad date" },
      { 1364, "HY000", "IntegrityError", "a column without value or default" },
      { 1193, "HY000", "ProgrammingError", "an unknown variable" },
      { 1500, "HY000", "ProgrammingError", "a bad partition" },
      { 1845, "0A000", "NotSupportedError", "an ALTER that is not supported" },
      { 1969, "70100", "TimeoutError", "MariaDB's statement timeout" },
      { 3024, "HY000", "TimeoutError", "MySQL's statement timeout" },
      { 3140, "22032", "DataError", "bad JSON" },
      { 3690, "HY000", "NotSupportedError", "one number within a family" },
      { 3819, "HY000", "IntegrityError", "MySQL's CHECK" },
      { 4025, "23000", "IntegrityError", "MariaDB's CHECK" },
      { 4025, "HY000", "OperationalError", "MySQL's 4025" },
      { 1644, "45000", "OperationalError", "SIGNAL" },
      { 1644, "23000", "IntegrityError", "SIGNAL with a meaning" },
      { 1205, "HY000", "OperationalError", "a lock wait" },
      { 9999, nil, "OperationalError", "an unknown number without SQLSTATE" },
      { 9999, "", "OperationalError", "an unknown number with an empty SQLSTATE" },
      { 999, "42000", "InternalError", "a number below 1000" },
      { 0, nil, "InternalError", "no number" },
    }) do
      it(("says %s for %s"):format(case[3], case[4]), function()
        assert.equal(case[3], codes.class_of(case[1], case[2]))
      end)
    end
  end)

  describe("names", function()
    it("lead to numbers and back", function()
      assert.equal(1062, codes.by_name.ER_DUP_ENTRY)
      assert.equal(2013, codes.by_name.CR_SERVER_LOST)
      assert.equal(1213, codes.by_name.ER_LOCK_DEADLOCK)
      for name, number in pairs(codes.by_name) do
        assert.equal(name, codes.name_of(number))
      end
      assert.is_nil(codes.name_of(nil))
      assert.is_nil(codes.name_of(9999))
    end)
  end)

  describe("sets", function()
    for name, numbers in pairs({
      disconnect = "1053 1152 1153 1154 1155 1156 1157 1158 1159 1160 1161 1927 2006 2013 2055",
      timeout = "1969 3024",
      retryable = "1020 1047 1205 1213 3572",
      duplicate_key = "1022 1062 1169 1586",
      constraint = "1048 1062 1216 1217 1364 1451 1452 3819",
      read_only = "1792 1836",
    }) do
      it("hold what is " .. name, function()
        for _, number in ipairs(list(numbers)) do
          assert.is_true(codes.is_in(codes[name], number, ""), number)
        end
      end)
    end

    it("hold neither a refused connection nor a syntax error", function()
      for _, name in ipairs({ "disconnect", "timeout", "retryable", "constraint" }) do
        assert.is_false(codes.is_in(codes[name], 2003))
        assert.is_false(codes.is_in(codes[name], 1064))
        assert.is_false(codes.is_in(codes[name], nil))
      end
    end)

    it("look at the text where servers share a number", function()
      assert.is_true(codes.is_in(codes.disconnect, 4031, "The client was disconnected by …"))
      assert.is_false(codes.is_in(codes.disconnect, 4031, "Referenced trigger …"))
      assert.is_false(codes.is_in(codes.disconnect, 4031, nil))
    end)
  end)
end)
