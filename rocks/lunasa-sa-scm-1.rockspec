rockspec_format = "3.0"
package = "lunasa-sa"
version = "scm-1"

-- Built with `luarocks make rocks/lunasa-sa-scm-1.rockspec` in a checkout.
source = { url = "git+file://." }

description = {
  summary = "SQL as expressions of Lua, for MySQL, MariaDB, SQLite and PostgreSQL",
  detailed = [[
    Tables, SELECT, INSERT, UPDATE, DELETE and DDL after SQLAlchemy Core: statements are built from
    Lua and compiled to each database's text and parameters. Pure Lua, without I/O.]],
  license = "MIT",
}

-- A rockspec cannot ask for LuaJIT.
dependencies = { "lua >= 5.1, < 5.2" }

build = {
  type = "none", -- "builtin" would take all of lua/
  -- Every file of lua/lunasa/sa and lua/lunasa/dialects, and what these need; a spec compares.
  install = {
    lua = {
      ["lunasa.datetime"] = "lua/lunasa/datetime.lua",
      ["lunasa.dialects.conflict"] = "lua/lunasa/dialects/conflict.lua",
      ["lunasa.dialects.mariadb.init"] = "lua/lunasa/dialects/mariadb/init.lua",
      ["lunasa.dialects.mariadb.reserved"] = "lua/lunasa/dialects/mariadb/reserved.lua",
      ["lunasa.dialects.mysql.init"] = "lua/lunasa/dialects/mysql/init.lua",
      ["lunasa.dialects.mysql.compiler"] = "lua/lunasa/dialects/mysql/compiler.lua",
      ["lunasa.dialects.mysql.ddl"] = "lua/lunasa/dialects/mysql/ddl.lua",
      ["lunasa.dialects.mysql.insert"] = "lua/lunasa/dialects/mysql/insert.lua",
      ["lunasa.dialects.mysql.match"] = "lua/lunasa/dialects/mysql/match.lua",
      ["lunasa.dialects.mysql.reserved"] = "lua/lunasa/dialects/mysql/reserved.lua",
      ["lunasa.dialects.mysql.sa"] = "lua/lunasa/dialects/mysql/sa.lua",
      ["lunasa.dialects.mysql.types"] = "lua/lunasa/dialects/mysql/types.lua",
      ["lunasa.dialects.postgresql.init"] = "lua/lunasa/dialects/postgresql/init.lua",
      ["lunasa.dialects.postgresql.reserved"] = "lua/lunasa/dialects/postgresql/reserved.lua",
      ["lunasa.dialects.postgresql.sa"] = "lua/lunasa/dialects/postgresql/sa.lua",
      ["lunasa.dialects.postgresql.types"] = "lua/lunasa/dialects/postgresql/types.lua",
      ["lunasa.dialects.sqlite.init"] = "lua/lunasa/dialects/sqlite/init.lua",
      ["lunasa.dialects.sqlite.reserved"] = "lua/lunasa/dialects/sqlite/reserved.lua",
      ["lunasa.dialects.sqlite.sa"] = "lua/lunasa/dialects/sqlite/sa.lua",
      ["lunasa.error"] = "lua/lunasa/error.lua",
      ["lunasa.error_codes"] = "lua/lunasa/error_codes.lua",
      ["lunasa.error_hints"] = "lua/lunasa/error_hints.lua",
      ["lunasa.int"] = "lua/lunasa/int.lua",
      ["lunasa.json"] = "lua/lunasa/json.lua",
      ["lunasa.null"] = "lua/lunasa/null.lua",
      ["lunasa.sa.init"] = "lua/lunasa/sa/init.lua",
      ["lunasa.sa.class"] = "lua/lunasa/sa/class.lua",
      ["lunasa.sa.compiler.init"] = "lua/lunasa/sa/compiler/init.lua",
      ["lunasa.sa.compiler.cache"] = "lua/lunasa/sa/compiler/cache.lua",
      ["lunasa.sa.compiler.compiled"] = "lua/lunasa/sa/compiler/compiled.lua",
      ["lunasa.sa.compiler.ddl"] = "lua/lunasa/sa/compiler/ddl.lua",
      ["lunasa.sa.compiler.default"] = "lua/lunasa/sa/compiler/default.lua",
      ["lunasa.sa.compiler.dialect"] = "lua/lunasa/sa/compiler/dialect.lua",
      ["lunasa.sa.compiler.dml"] = "lua/lunasa/sa/compiler/dml.lua",
      ["lunasa.sa.compiler.expression"] = "lua/lunasa/sa/compiler/expression.lua",
      ["lunasa.sa.compiler.from_list"] = "lua/lunasa/sa/compiler/from_list.lua",
      ["lunasa.sa.compiler.json"] = "lua/lunasa/sa/compiler/json.lua",
      ["lunasa.sa.compiler.naming"] = "lua/lunasa/sa/compiler/naming.lua",
      ["lunasa.sa.compiler.program"] = "lua/lunasa/sa/compiler/program.lua",
      ["lunasa.sa.compiler.select"] = "lua/lunasa/sa/compiler/select.lua",
      ["lunasa.sa.compiler.special"] = "lua/lunasa/sa/compiler/special.lua",
      ["lunasa.sa.compiler.types"] = "lua/lunasa/sa/compiler/types.lua",
      ["lunasa.sa.compiler.with"] = "lua/lunasa/sa/compiler/with.lua",
      ["lunasa.sa.dml.insert"] = "lua/lunasa/sa/dml/insert.lua",
      ["lunasa.sa.dml.update"] = "lua/lunasa/sa/dml/update.lua",
      ["lunasa.sa.dml.values"] = "lua/lunasa/sa/dml/values.lua",
      ["lunasa.sa.expression.bind"] = "lua/lunasa/sa/expression/bind.lua",
      ["lunasa.sa.expression.coerce"] = "lua/lunasa/sa/expression/coerce.lua",
      ["lunasa.sa.expression.compound"] = "lua/lunasa/sa/expression/compound.lua",
      ["lunasa.sa.expression.conversion"] = "lua/lunasa/sa/expression/conversion.lua",
      ["lunasa.sa.expression.element"] = "lua/lunasa/sa/expression/element.lua",
      ["lunasa.sa.expression.func"] = "lua/lunasa/sa/expression/func.lua",
      ["lunasa.sa.expression.json"] = "lua/lunasa/sa/expression/json.lua",
      ["lunasa.sa.expression.operations"] = "lua/lunasa/sa/expression/operations.lua",
      ["lunasa.sa.expression.text"] = "lua/lunasa/sa/expression/text.lua",
      ["lunasa.sa.mistake"] = "lua/lunasa/sa/mistake.lua",
      ["lunasa.sa.operator"] = "lua/lunasa/sa/operator.lua",
      ["lunasa.sa.schema.arguments"] = "lua/lunasa/sa/schema/arguments.lua",
      ["lunasa.sa.schema.column"] = "lua/lunasa/sa/schema/column.lua",
      ["lunasa.sa.schema.constraint"] = "lua/lunasa/sa/schema/constraint.lua",
      ["lunasa.sa.schema.ddl"] = "lua/lunasa/sa/schema/ddl.lua",
      ["lunasa.sa.schema.index"] = "lua/lunasa/sa/schema/index.lua",
      ["lunasa.sa.schema.metadata"] = "lua/lunasa/sa/schema/metadata.lua",
      ["lunasa.sa.schema.table"] = "lua/lunasa/sa/schema/table.lua",
      ["lunasa.sa.selectable.compound_select"] = "lua/lunasa/sa/selectable/compound_select.lua",
      ["lunasa.sa.selectable.from"] = "lua/lunasa/sa/selectable/from.lua",
      ["lunasa.sa.selectable.join"] = "lua/lunasa/sa/selectable/join.lua",
      ["lunasa.sa.selectable.labels"] = "lua/lunasa/sa/selectable/labels.lua",
      ["lunasa.sa.selectable.query"] = "lua/lunasa/sa/selectable/query.lua",
      ["lunasa.sa.selectable.select"] = "lua/lunasa/sa/selectable/select.lua",
      ["lunasa.sa.selectable.special"] = "lua/lunasa/sa/selectable/special.lua",
      ["lunasa.sa.selectable.subquery"] = "lua/lunasa/sa/selectable/subquery.lua",
      ["lunasa.sa.selectable.text_select"] = "lua/lunasa/sa/selectable/text_select.lua",
      ["lunasa.sa.shape"] = "lua/lunasa/sa/shape.lua",
      ["lunasa.sa.type.init"] = "lua/lunasa/sa/type/init.lua",
      ["lunasa.sa.type.decorator"] = "lua/lunasa/sa/type/decorator.lua",
      ["lunasa.sa.type.enum"] = "lua/lunasa/sa/type/enum.lua",
      ["lunasa.sa.type.generic"] = "lua/lunasa/sa/type/generic.lua",
      ["lunasa.sa.type.json"] = "lua/lunasa/sa/type/json.lua",
      ["lunasa.sa.type.upper"] = "lua/lunasa/sa/type/upper.lua",
      ["lunasa.sa.type.value"] = "lua/lunasa/sa/type/value.lua",
      ["lunasa.sa.value"] = "lua/lunasa/sa/value.lua",
      ["lunasa.suggest"] = "lua/lunasa/suggest.lua",
    },
  },
}
