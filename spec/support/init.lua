--- Busted's helper, run before any spec: lets specs require each other's support by its path, as in
--- `require("spec.support.server")`.
package.path = "./?.lua;" .. package.path
