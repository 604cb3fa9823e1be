//go:build pidmap_invariants

package alloc

const invariants = true
