package pidns

import (
	"fmt"
	"slices"
)

// child looks at a process and its parent.
func (c *checker) child(slot uint32, r *record) error {
	if err := c.known(r.family); err != nil {
		return err
	}
	c.refs[r.family]++
	parent := c.h.parentOf(r)
	p, err := c.published(parent)
	if err != nil {
		return fmt.Errorf("parent: %w", err)
	}
	if p.leader != parent || p.state == zombie || parent == slot {
		return fmt.Errorf("parent in slot %d: state %d, leader %d", parent, p.state, p.leader)
	}
	if outer := c.h.spaces[p.space]; outer == nil || !c.h.inside(r, outer) {
		return fmt.Errorf("the parent, in slot %d, cannot see it", parent)
	}
	if r.state == zombie {
		c.zombies[parent]++
	} else {
		c.kids[parent]++
	}
	for up, steps := parent, 0; up != 0; up = c.h.parentOf(c.h.slab.at(up)) {
		if steps++; steps > c.n {
			return fmt.Errorf("its own ancestor")
		}
	}
	return nil
}

// families holds the rings and counts of every process against its threads and
// children.
func (c *checker) families() error {
	for slot := uint32(1); int(slot) < c.n; slot++ {
		r := c.h.slab.at(slot)
		if r.state <= reserved || r.leader != slot {
			continue
		}
		if err := c.family(slot, r); err != nil {
			return fmt.Errorf("slot %d, pid %d, state %d: %w", slot, r.own.pid, r.state, err)
		}
	}
	return nil
}

func (c *checker) family(slot uint32, r *record) error {
	running := c.threads[slot]
	if int(r.threads) != running || (running > 0) != (r.state == live || r.state == deadFront) {
		return fmt.Errorf("%d threads run, and it says %d", running, r.threads)
	}
	if err := c.children(slot, r); err != nil {
		return err
	}
	if r.state == zombie {
		return nil // its links are those of its parent's dead children
	}
	if r.peers == (link{}) {
		if c.members[slot] != 0 {
			return fmt.Errorf("no ring, and %d threads", c.members[slot])
		}
		return nil
	}
	thread := func(_ uint32, m *record) bool { return m.leader == slot }
	if err := c.ring(byThread, 0, slot, 1+c.members[slot], thread); err != nil {
		return fmt.Errorf("threads: %w", err)
	}
	return nil
}

// children holds the family that a process owns against its children.
func (c *checker) children(slot uint32, r *record) error {
	kids, zombies := c.kids[slot], c.zombies[slot]
	if r.kids == 0 {
		if kids != 0 || zombies != 0 {
			return fmt.Errorf("no family, and %d children", kids+zombies)
		}
		return nil
	}
	if err := c.known(r.kids); err != nil {
		return err
	}
	c.refs[r.kids]++
	f := &c.h.families.all[r.kids]
	if f.up != 0 || f.owner != slot || int(f.live) != kids {
		return fmt.Errorf("it owns family %d, %+v, and %d children live", r.kids, *f, kids)
	}
	if ns := c.h.spaces[r.space]; f.asked == ns.heirs && f.heir != c.heir(ns, r) {
		return fmt.Errorf("its heir is in slot %d, and it says %d", c.heir(ns, r), f.heir)
	}
	last := uint32(0)
	for kid := f.first; kid != 0; last, kid = kid, c.h.slab.at(kid).peers.next {
		k, err := c.published(kid)
		if err != nil {
			return fmt.Errorf("a dead child: %w", err)
		}
		if zombies--; zombies < 0 || k.state != zombie || k.leader != kid || c.h.parentOf(k) != slot {
			return fmt.Errorf("slot %d is no dead child, or there are too many", kid)
		}
	}
	if zombies != 0 || last != f.last {
		return fmt.Errorf("%d dead children are not found; the last is %d, not %d", zombies, last, f.last)
	}
	return nil
}

// heir is host.heir, from parent to parent all the way.
func (c *checker) heir(ns *Namespace, r *record) uint32 {
	for slot := c.h.parentOf(r); slot != 0 && slot != ns.reaper.slot; {
		p := c.h.slab.at(slot)
		if p.space != r.space {
			break
		}
		if p.flags&subreaper != 0 {
			return slot
		}
		slot = c.h.parentOf(p)
	}
	return ns.reaper.slot
}

// known tells whether a family can be: its way up ends.
func (c *checker) known(i uint32) error {
	all := c.h.families.all
	for steps := 0; ; steps++ {
		if i == 0 || int(i) >= len(all) || all[i].refs == 0 || steps > len(all) {
			return fmt.Errorf("family %d is none", i)
		}
		if all[i].up == 0 {
			return nil
		}
		i = all[i].up
	}
}

// merged holds the references of all families against who refers to them.
func (c *checker) merged() error {
	f := &c.h.families
	used := 0
	for i := range f.all {
		if up := f.all[i].up; up != 0 {
			c.refs[up]++
		}
		if f.all[i].refs > 0 {
			used++
		}
	}
	for i := range f.all {
		if got := c.refs[uint32(i)]; got != int(f.all[i].refs) {
			return fmt.Errorf("family %d has %d references, and says %d", i, got, f.all[i].refs)
		}
	}
	spare := slices.Clone(f.spare)
	slices.Sort(spare)
	if len(slices.Compact(spare)) != len(f.spare) || len(f.all) > 0 && used+len(f.spare) != len(f.all)-1 {
		return fmt.Errorf("%d families, %d in use, %d spare", len(f.all), used, len(f.spare))
	}
	for _, i := range f.spare {
		if f.all[i] != (family{}) {
			return fmt.Errorf("spare family %d is %+v", i, f.all[i])
		}
	}
	return nil
}
