//go:build pidmap_long

package nextpidmap_test

const walkRounds = 5000
