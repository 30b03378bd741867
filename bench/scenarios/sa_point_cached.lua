--- `sa_point` under the name that it has where a cache must be asked for.
return require("bench.scenarios.sa_point")
