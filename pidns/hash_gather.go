package pidns

import "example.com/pidmap/alloc"

// gather finds the slots of numbers, in their order, and says how many have one: load
// of a flight, a link of every chain in turn. So the misses on the heads overlap, and
// then those on each link, where load waits for one after the other.
func (x *hash) gather(pids []alloc.PID, slots *[flightSize]uint32) int {
	var found, ahead [flightSize]uint32
	var left [flightSize]uint8 // the numbers that are not found yet
	n := min(len(pids), flightSize)
	for i := range n {
		left[i], ahead[i] = uint8(i), *x.bucket(pids[i])
	}
	for more := n; more > 0; {
		x.ns.host.slab.fetch(ahead[:more])
		all := more
		more = 0
		for k := range all {
			i, slot := left[k]%flightSize, ahead[k]
			if slot == 0 {
				continue
			}
			link := x.numberOf(slot)
			if link.pid == pids[i] {
				found[i] = slot
				continue
			}
			left[more], ahead[more] = i, link.chain
			more++
		}
	}
	all := n
	n = 0
	for _, slot := range found[:all] {
		if slot != 0 {
			slots[n] = slot
			n++
		}
	}
	return n
}
