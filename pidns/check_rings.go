package pidns

import "fmt"

// lists holds every list of the namespaces, and the host's, against the tasks.
func (c *checker) lists() error {
	for _, ns := range c.h.spaces {
		if ns == nil {
			continue
		}
		in := func(_ uint32, r *record) bool { return c.h.inside(r, ns) }
		leads := func(slot uint32, r *record) bool { return r.leader == slot && c.h.inside(r, ns) }
		err := c.ring(byList, ns.level, ns.list, kept(ns.keepList, c.tasks[ns]), in)
		if err == nil {
			err = c.ring(byLeaders, ns.level, ns.leaders, kept(ns.keepLeaders, c.leaders[ns]), leads)
		}
		if err == nil {
			err = c.array(ns)
		}
		if err != nil {
			return fmt.Errorf("namespace %d, level %d: %w", ns.id, ns.level, err)
		}
	}
	anybody := func(uint32, *record) bool { return true }
	return c.ring(byAll, 0, c.h.all, kept(c.h.keepAll, c.all), anybody)
}

func kept(keep bool, n int) int {
	if keep {
		return n
	}
	return 0
}

func (c *checker) array(ns *Namespace) error {
	if n := kept(ns.keepArray, c.tasks[ns]); n != len(ns.array) {
		return fmt.Errorf("array: %d of %d tasks", len(ns.array), n)
	}
	for i, slot := range ns.array {
		r, err := c.published(slot)
		if err != nil {
			return fmt.Errorf("array: %w", err)
		}
		if !c.h.inside(r, ns) || c.h.extra(slot, r, ns.level).at != uint32(i) {
			return fmt.Errorf("array: place %d is not that of slot %d", i, slot)
		}
	}
	return nil
}

// ring follows a ring from its head: n tasks, each of them a member, each the
// one before its next. A ring's links so cannot name anybody twice.
func (c *checker) ring(g ring, level int, head uint32, n int, member func(slot uint32, r *record) bool) error {
	if head == 0 {
		if n != 0 {
			return fmt.Errorf("ring %d: empty, not %d", g, n)
		}
		return nil
	}
	slot := head
	for i := 0; ; i++ {
		if i == n {
			return fmt.Errorf("ring %d: more than %d", g, n)
		}
		r, err := c.published(slot)
		if err != nil {
			return fmt.Errorf("ring %d, step %d: %w", g, i, err)
		}
		if !member(slot, r) {
			return fmt.Errorf("ring %d, step %d: slot %d does not belong", g, i, slot)
		}
		next := c.h.link(g, level, slot).next
		if _, err := c.published(next); err != nil {
			return fmt.Errorf("ring %d, after slot %d: %w", g, slot, err)
		}
		if prev := c.h.link(g, level, next).prev; prev != slot {
			return fmt.Errorf("ring %d: after slot %d comes %d, before which comes %d", g, slot, next, prev)
		}
		if slot = next; slot == head {
			if i+1 != n {
				return fmt.Errorf("ring %d: %d, not %d", g, i+1, n)
			}
			return nil
		}
	}
}

// maps holds what stands beside the records against their flags: since every
// entry has its flag and the counts agree, no entry is a dead task's.
func (c *checker) maps() error {
	h := c.h
	if len(h.hooks) != c.hooked || len(h.waiters) != c.awaited || len(h.births) != c.entered {
		return fmt.Errorf("%d programs, %d awaited, %d births; the flags say %d, %d, %d",
			len(h.hooks), len(h.waiters), len(h.births), c.hooked, c.awaited, c.entered)
	}
	for slot, hook := range h.hooks {
		if r, err := c.published(slot); err != nil || r.flags&hooked == 0 || hook == nil {
			return fmt.Errorf("the program of slot %d: %v", slot, err)
		}
	}
	for slot := range h.waiters {
		if r, err := c.published(slot); err != nil || r.flags&awaited == 0 {
			return fmt.Errorf("those who wait in slot %d: %v", slot, err)
		}
	}
	for slot, ns := range h.births {
		r, err := c.published(slot)
		if err != nil || r.flags&entered == 0 || !ns.within(h.spaces[r.space]) {
			return fmt.Errorf("the births of slot %d: %v", slot, err)
		}
	}
	return nil
}

// uppers counts the rows of numbers above.
func (c *checker) uppers() error {
	for level := range c.h.uppers {
		u := &c.h.uppers[level]
		if level == 0 {
			continue
		}
		if used := len(u.rows)/level - len(u.spare); used != c.rows[level] {
			return fmt.Errorf("level %d: %d rows in use by %d records", level, used, c.rows[level])
		}
		seen := map[uint32]bool{}
		for _, i := range u.spare {
			if seen[i] {
				return fmt.Errorf("level %d: row %d is spare twice", level, i)
			}
			seen[i] = true
			for _, n := range u.row(i) {
				if n != (number{}) {
					return fmt.Errorf("level %d: spare row %d holds number %d", level, i, n.pid)
				}
			}
		}
	}
	return nil
}
