//go:build pidmap_long

package alloctest

const long = true
