package alloc_test

import (
	"strings"
	"testing"

	"example.com/pidmap/alloc"
)

// TestFactoryOfNothing gives no backend and no error: nil, or a nil pointer of a
// type with the methods. Every constructor that takes a factory refuses it in the
// same words.
func TestFactoryOfNothing(t *testing.T) {
	for name, f := range map[string]alloc.Factory{
		"nil":                func(alloc.Limits) (alloc.Backend, error) { return nil, nil },
		"a nil Tree":         func(alloc.Limits) (alloc.Backend, error) { return (*alloc.Tree)(nil), nil },
		"a nil IDR":          func(alloc.Limits) (alloc.Backend, error) { return (*alloc.IDR[int])(nil), nil },
		"a caller's nil one": func(alloc.Limits) (alloc.Backend, error) { return (*ones)(nil), nil },
	} {
		t.Run(name, func(t *testing.T) {
			refused := func(what string, err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), "gave no backend and no error") {
					t.Errorf("%s: %v", what, err)
				}
			}
			m, err := alloc.New(alloc.Limits{}, f)
			refused("New", err)
			s, err2 := alloc.NewShared(alloc.Limits{}, f)
			refused("NewShared", err2)
			h, err3 := alloc.NewSharded(alloc.Limits{}, 3, f)
			refused("NewSharded", err3)
			if m != nil || s != nil || h != nil {
				t.Errorf("an allocator and an error: %t, %t, %t", m != nil, s != nil, h != nil)
			}
		})
	}
	if m, err := alloc.New(alloc.Limits{}, func(alloc.Limits) (alloc.Backend, error) { return ones{}, nil }); err != nil || m == nil {
		t.Errorf("New of a backend that is no pointer: %v", err)
	}
}

// ones is a backend in which every pid is in use.
type ones struct{}

func (ones) Take(alloc.PID) bool                              { return false }
func (ones) TakeFirst(alloc.PID, alloc.PID) (alloc.PID, bool) { return 0, false }
func (ones) Release(alloc.PID) bool                           { return false }
func (ones) Next(after alloc.PID) (alloc.PID, bool)           { return max(after, 0) + 1, after < 99 }
func (ones) Len() int                                         { return 99 }
