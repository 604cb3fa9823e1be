//go:build !pidmap_long

package nextpidmap_test

// walkRounds is how often each kind of walk is made beside changes.
const walkRounds = 100
