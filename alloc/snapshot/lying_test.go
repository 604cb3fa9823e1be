package snapshot_test

import (
	"bytes"
	"errors"
	"iter"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/snapshot"
)

// The types below are allocators that say of themselves what cannot be.
type (
	limitless struct {
		alloc.Allocator
		l alloc.Limits
	}
	batch struct {
		alloc.Allocator
		n int
	}
	endless    struct{ alloc.Allocator }
	unguarded  struct{ alloc.Allocator }
	guardsNone struct{ alloc.Allocator }
)

func (a limitless) Limits() alloc.Limits             { return a.l }
func (a batch) NextN(alloc.PID, []alloc.PID) int     { return a.n }
func (endless) Requeue(alloc.PID, []alloc.PID) error { return nil }
func (unguarded) Do(func(alloc.Allocator))           {}
func (guardsNone) Do(f func(alloc.Allocator))        { f(nil) }
func (endless) Queue() iter.Seq[alloc.PID] {
	return func(yield func(alloc.PID) bool) {
		for yield(1) {
		}
	}
}

// TestWriteRefusesLies writes what Read would refuse, or what there is no writing
// of: a named error, no panic and not a byte.
func TestWriteRefusesLies(t *testing.T) {
	honest, _ := alloc.New(alloc.Limits{Max: 100}, nil)
	honest.Alloc()
	for name, a := range map[string]alloc.Allocator{
		"nil":                    nil,
		"nil Pidmap":             (*alloc.Pidmap)(nil),
		"nil Shared":             (*alloc.Shared)(nil),
		"nil Sharded":            (*alloc.Sharded)(nil),
		"nil Table":              (*alloc.Table[int])(nil),
		"Share of nil":           alloc.Share(nil),
		"Share of a nil pointer": alloc.Share((*alloc.Pidmap)(nil)),
		"Do that guards nothing": guardsNone{honest},
		"Do that does nothing":   unguarded{honest},
		"no Limits":              limitless{honest, alloc.Limits{}},
		"no Reserved":            limitless{honest, alloc.Limits{Max: 32768}},
		"Max 1":                  limitless{honest, alloc.Limits{Max: 1, Reserved: 1}},
		"Max below 0":            limitless{honest, alloc.Limits{Max: -5, Reserved: 1}},
		"Max beyond all":         limitless{honest, alloc.Limits{Max: 1<<31 - 1, Reserved: 1}},
		"Reserved beyond Max":    limitless{honest, alloc.Limits{Max: 10, Reserved: 20}},
		"Reserved is Max":        limitless{honest, alloc.Limits{Max: 10, Reserved: 10}},
		"Reserved below 0":       limitless{honest, alloc.Limits{Max: 10, Reserved: -1}},
		"a batch too long":       batch{honest, 1 << 20},
		"a batch one too long":   batch{honest, 513},
		"a batch below 0":        batch{honest, -1},
		"a batch of zeroes":      batch{honest, 1},
		"a queue without end":    endless{honest},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			if err := snapshot.Write(&file, a); !errors.Is(err, snapshot.ErrInvalid) || file.Len() != 0 {
				t.Errorf("Write: %v, %d bytes", err, file.Len())
			}
		})
	}
}
