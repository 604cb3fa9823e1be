//go:build !pidmap_invariants

package alloc

// invariants turns on checks after every change; see the build tag
// pidmap_invariants.
const invariants = false
