//go:build !pidmap_long

package pidns

// long multiplies the rounds of the random tests; see the build tag
// pidmap_long.
const long = 1
