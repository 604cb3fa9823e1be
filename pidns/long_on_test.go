//go:build pidmap_long

package pidns

const long = 10
