package pidns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// mangler changes snapshots in ways that are nearly right.
type mangler struct {
	*Snapshot
	r *rand.Rand
}

func (m *mangler) task() *SnapshotTask       { return &m.Tasks[m.r.IntN(len(m.Tasks))] }
func (m *mangler) space() *SnapshotNamespace { return &m.Namespaces[m.r.IntN(len(m.Namespaces))] }

// pid is a number that is somebody's, or nearly.
func (m *mangler) pid() alloc.PID {
	pids := m.task().PIDs
	if len(pids) == 0 || m.r.IntN(4) == 0 {
		return alloc.PID(m.r.IntN(6)) - 1
	}
	return pids[m.r.IntN(len(pids))]
}

func (m *mangler) place() int { return m.r.IntN(len(m.Namespaces)+2) - 1 }

func (m *mangler) mangle() {
	if len(m.Tasks) == 0 || len(m.Namespaces) == 0 {
		return
	}
	t, n := m.task(), m.space()
	switch m.r.IntN(22) {
	case 0:
		t.In = m.place()
	case 1:
		if len(t.PIDs) > 0 {
			t.PIDs[m.r.IntN(len(t.PIDs))] = m.pid()
		}
	case 2:
		t.PIDs = slices.Insert(t.PIDs, 0, m.pid())
	case 3:
		t.PIDs = t.PIDs[min(1, len(t.PIDs)):]
	case 4:
		t.Leader = m.pid()
	case 5, 6:
		t.Parent = m.pid()
	case 7:
		t.State = []string{"", stateExited, stateExiting, stateZombie}[m.r.IntN(4)]
	case 8:
		t.Status = int32(m.r.IntN(3))
	case 9:
		t.Pending = append(t.Pending, syscall.Signal(m.r.IntN(33)))
	case 10:
		t.Pending = nil
	case 11:
		t.Stopped, t.Subreaper = !t.Stopped, m.r.IntN(2) == 0
	case 12:
		t.Doomed = !t.Doomed
	case 13:
		t.Born = m.place()
	case 14:
		other := m.task()
		*t, *other = *other, *t
	case 15:
		i := m.r.IntN(len(m.Tasks))
		m.Tasks = slices.Delete(m.Tasks, i, i+1)
	case 16:
		n.In = m.place()
	case 17:
		n.Max, n.Last = n.Max+alloc.PID(m.r.IntN(5))-2, n.Last+alloc.PID(m.r.IntN(5))-2
	case 18:
		n.Shut = !n.Shut
	case 19:
		n.Gone = !n.Gone
	case 20:
		n.Registry, n.Frozen = registries[m.r.IntN(len(registries))], m.r.IntN(4)-1
	case 21:
		if len(n.Free) > 0 {
			n.Free[m.r.IntN(len(n.Free))][m.r.IntN(2)] += alloc.PID(m.r.IntN(3)) - 1
		}
	}
}

// Snapshots that are nearly right are refused, or make namespaces that hold
// together and end.
func TestHostileSnapshots(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		taken := 0
		for round := range rounds(4) {
			w := newWorld(w.T, w.cfg.Registry, Walk)
			written := text(w, w.stage(seed+uint64(round), 60, w.init).take())
			for k := range 100 {
				m := &mangler{read(w, written), rand.New(rand.NewPCG(seed+uint64(round), uint64(k)))}
				for range 1 + m.r.IntN(4) {
					m.mangle()
				}
				for _, nested := range []bool{false, true} {
					if err := tryOut(m.Snapshot, nested); err != nil {
						w.Fatalf("round %d, %d, nested=%t: %v\n%s", round, k, nested, err, text(w, m.Snapshot))
					}
				}
				if _, err := m.plan(); err == nil {
					taken++
				} else if !errors.Is(err, ErrSnapshot) {
					w.Error(err)
				}
			}
		}
		w.Logf("%d taken", taken)
	})
}

// tryOut restores a snapshot and ends what it has made.
func tryOut(snap *Snapshot, nested bool) error {
	root, err := New(Config{Lists: keepAll})
	if err != nil {
		return err
	}
	parent, outside := Task{}, 1
	if nested {
		if parent, err = root.Reaper().Fork(); err != nil {
			return err
		}
		outside = 2
	}
	ns, err := Restore(parent, snap, nil)
	if err != nil {
		if root.Len() != outside || root.Last() != alloc.PID(outside) {
			return fmt.Errorf("%d tasks are left, last %d, after %w", root.Len(), root.Last(), err)
		}
		for _, named := range []error{ErrInvalid, ErrKillInit, ErrNoList, ErrTooDeep, alloc.ErrFull} {
			if errors.Is(err, named) {
				return root.host.verifyNow()
			}
		}
		return err
	}
	if err := sameAgain(ns, parent); err != nil {
		return err
	}
	return endIt(ns, parent)
}

// sameAgain holds a restored namespace against a copy of it.
func sameAgain(ns *Namespace, parent Task) error {
	if err := ns.host.verifyNow(); err != nil {
		return err
	}
	snap, err := ns.Checkpoint()
	if err != nil {
		return err
	}
	again, err := Restore(parent, snap, nil)
	if err != nil {
		return err
	}
	second, err := again.Checkpoint()
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(snap, second) {
		return fmt.Errorf("taken down, made again and taken down, it is another: %+v, %+v", snap, second)
	}
	if err := again.Thaw(); err != nil {
		return err
	}
	if parent == (Task{}) {
		return again.Zap(ended, Walk)
	}
	return nil
}

// endIt lets a namespace go on and then ends it and whoever is around.
func endIt(ns *Namespace, parent Task) error {
	if err := ns.Thaw(); err != nil {
		return err
	}
	if err := ns.host.verifyNow(); err != nil {
		return err
	}
	zapped := ns.Zap(ended, Walk)
	for parent != (Task{}) {
		if _, _, err := parent.Wait(ended); err != nil {
			break
		}
	}
	if zapped != nil {
		zapped = ns.Zap(ended, Walk) // zombies whose parent was outside have been waited for
	}
	if zapped != nil {
		return zapped
	}
	root := ns.host.spaces[0]
	if err := root.Zap(ended, Walk); err != nil {
		return err
	}
	if n := root.left(); n != 0 || len(ns.host.births) > int(root.Len()) || ns.host.frozen > 1 {
		return fmt.Errorf("%d are left, %d births, %d frozen", n, len(ns.host.births), ns.host.frozen)
	}
	return ns.host.verifyNow()
}
