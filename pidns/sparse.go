package pidns

import "fmt"

// How much memory a snapshot may ask for that its own size does not account
// for: a high number alone makes long tables.
const (
	sparseBytes     = 256 << 20 // altogether
	sparseTaskBytes = 16 << 10  // and for each task
)

// memory refuses what takes more than it may.
func (p *plan) memory() error {
	bytes, err := p.sparse()
	if most := sparseBytes + sparseTaskBytes*int64(len(p.tasks)); err == nil && bytes > most {
		return fmt.Errorf("%d MiB of tables for %d tasks, of at most %d", bytes>>20, len(p.tasks), most>>20)
	}
	return err
}

// sparse adds up what follows the highest number, Max, or how the numbers lie,
// instead of the count of tasks, and looks at the length of queues.
func (p *plan) sparse() (int64, error) {
	bytes := int64(0)
	for i := range p.Namespaces {
		n, found := &p.Namespaces[i], &p.spaces[i]
		switch n.Registry {
		case "", TreeTable:
			bytes += treeBytes(int64(found.highest), int64(found.max))
			bytes += 2 * 8 * (int64(found.highest)>>6 + 1) // twice: it has just doubled
		case TreeHash:
			bytes += treeBytes(int64(found.highest), int64(found.max))
		case PagedHash:
			pages := int64(found.max)>>15 + 1
			bytes += 16*pages + 4096*min(pages, int64(found.members))
		case IDR:
			bytes += idrBytes(int64(found.members), int64(found.highest))
		case Table:
			size := 1 + int64(found.members)
			for _, run := range n.Free {
				if run[0] < 1 || run[0] >= run[1] || run[1] > found.max {
					return 0, fmt.Errorf("namespace %d: free numbers [%d, %d)", i, run[0], run[1])
				}
				size += int64(run[1] - run[0])
			}
			if size > int64(found.max) || int64(found.highest) >= size && !n.Gone {
				return 0, fmt.Errorf("namespace %d: a table of %d numbers, up to %d", i, size, found.highest)
			}
			bytes += 24 * size
		}
	}
	return bytes, nil
}

// treeBytes is what an alloc.Tree takes that has just doubled, if Max lets it: words,
// and sums of 64 each.
func treeBytes(highest, limit int64) int64 {
	words := min(2*(highest>>6+1), (limit+63)>>6)
	bytes := 8 * words
	for sums := words; sums > 1; {
		sums = (sums + 63) >> 6
		bytes += 16 * sums
	}
	return bytes
}

// idrBytes is what an alloc.IDR takes whose members lie as far from each other as
// they can: at each level a leaf or a node for each, unless there are fewer.
func idrBytes(members, highest int64) int64 {
	const leaf, node = 288, 1152 // as Go rounds them up
	bytes := leaf * min(members, highest>>6+1)
	for up := highest >> 6; up > 0; up >>= 6 {
		bytes += node * min(members, up>>6+1)
	}
	return bytes
}
