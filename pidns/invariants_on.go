//go:build pidmap_invariants

package pidns

const invariants = true
