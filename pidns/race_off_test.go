//go:build !race

package pidns

const raced = false
