//go:build !pidmap_invariants

package pidns

// invariants turns on checks after every change; see the build tag
// pidmap_invariants.
const invariants = false
