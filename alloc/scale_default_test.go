//go:build !pidmap_long

package alloc_test

// long is how many times as long the random concurrent tests run.
const long = 1
