# The `lunasa` executable: a static LuaJIT, every module, and the Lua sources as bytecode.
