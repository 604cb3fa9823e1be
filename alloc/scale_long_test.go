//go:build pidmap_long

package alloc_test

const long = 40
