--- The compiler with all its methods, as the standard has it: the parent of each dialect's.
local Compiler = require("lunasa.sa.compiler")

require("lunasa.sa.compiler.expression")(Compiler)
require("lunasa.sa.compiler.literal")(Compiler)
require("lunasa.sa.compiler.select")(Compiler)
require("lunasa.sa.compiler.with")(Compiler)
require("lunasa.sa.compiler.dml")(Compiler)
require("lunasa.sa.compiler.ddl")(Compiler)
require("lunasa.sa.compiler.ddl_constraint")(Compiler)
require("lunasa.sa.compiler.ddl_objects")(Compiler)
require("lunasa.sa.compiler.json")(Compiler)
require("lunasa.sa.compiler.special")(Compiler)

return Compiler
