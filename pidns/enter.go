package pidns

import "fmt"

// Enter lets the children to come be born in ns, the task's own namespace or
// one below it, as setns(2) with CLONE_NEWPID does; the task itself stays. It
// fails with ErrInvalid for any other namespace, and with ErrDead.
func (t Task) Enter(ns *Namespace) error {
	r := t.act()
	if r == nil {
		return ErrDead
	}
	h := t.host
	defer h.unlock()
	own := h.spaces[r.space]
	if ns == nil || ns.host != h || !ns.within(own) {
		return fmt.Errorf("pidns: Enter wants the task's own namespace or one below it: %w", ErrInvalid)
	}
	if ns == own {
		delete(h.births, t.slot)
		r.flags &^= entered
		return nil
	}
	h.births[t.slot] = ns
	r.flags |= entered
	return nil
}

// within tells whether ns is outer or lies below it.
func (ns *Namespace) within(outer *Namespace) bool {
	for ns.level > outer.level {
		ns = ns.parent
	}
	return ns == outer
}

func (h *host) birthplace(slot uint32, r *record) *Namespace {
	if r.flags&entered != 0 {
		return h.births[slot]
	}
	return h.spaces[r.space]
}

// mayNotChoose is a level below all others: ForkAt may choose nowhere.
const mayNotChoose = MaxLevel + 1

// LimitForkAt lets the task choose numbers (ForkAt) in ns and below only, and
// nowhere if ns is nil; so are those whom it gives birth to from then on, while a
// task that nothing is said of may choose at every level. ns is the task's own
// namespace or one above. There is no way back: it fails with ErrPermission where
// less is allowed already, with ErrInvalid for any other namespace, and with
// ErrDead. It is what the user namespaces that own pid namespaces do in Linux:
// set_tid wants CAP_CHECKPOINT_RESTORE (before 5.9 CAP_SYS_ADMIN) in the one of
// each level at which a number is asked for. Source: clone(2), EPERM;
// capabilities(7); user_namespaces(7).
func (t Task) LimitForkAt(ns *Namespace) error {
	r := t.act()
	if r == nil {
		return ErrDead
	}
	h := t.host
	defer h.unlock()
	level := uint8(mayNotChoose)
	if ns != nil {
		if ns.host != h || !h.inside(r, ns) {
			return fmt.Errorf("pidns: LimitForkAt wants the task's own namespace or one above it: %w", ErrInvalid)
		}
		level = uint8(ns.level)
	}
	if level < r.choose {
		return ErrPermission
	}
	r.choose = level
	return nil
}
