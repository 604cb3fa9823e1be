//go:build amd64 || arm64

package pidns

// prefetch asks for the first line of n records, of which records is the first,
// and waits for none of them. A record that is nil or anything else does no
// harm: a prefetch does not fault.
//
//go:noescape
func prefetch(records **record, n int)
