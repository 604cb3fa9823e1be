package bench

import (
	"context"
	"iter"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/alloctest"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/alloc/bitsetmap"
	"example.com/pidmap/alloc/roaringmap"
	"example.com/pidmap/nextpidmap"
	"example.com/pidmap/pidns"
)

// Programs outside compile against these names and signatures: who changes one
// breaks them, and this file.

type (
	namespace = *pidns.Namespace
	task      = pidns.Task
)

var (
	_ func(alloc.Limits, alloc.Factory) (*alloc.Pidmap, error)       = alloc.New
	_ func(alloc.Limits, alloc.Factory) (*alloc.Shared, error)       = alloc.NewShared
	_ func(alloc.Allocator) *alloc.Shared                            = alloc.Share
	_ func(alloc.Limits, int, alloc.Factory) (*alloc.Sharded, error) = alloc.NewSharded
	_ func(*alloc.Sharded) alloc.Allocator                           = (*alloc.Sharded).Local
	_ func(alloc.Limits) (*alloc.IDR[string], error)                 = alloc.NewIDROf[string]
	_ func(alloc.Limits) (*alloc.Table[struct{}], error)             = alloc.NewTable
	_ func(alloc.Limits) (*alloc.Table[int], error)                  = alloc.NewTableOf[int]

	_ = []alloc.Factory{alloc.NewTree, alloc.NewPaged, alloc.NewIDR, bitsetmap.New, roaringmap.New}
	_ = []alloc.Allocator{(*alloc.Pidmap)(nil), (*alloc.Shared)(nil), (*alloc.Sharded)(nil), (*alloc.Table[int])(nil)}
	_ = []alloc.Batcher{(*alloc.Tree)(nil), (*alloc.Pidmap)(nil), (*alloc.Shared)(nil), (*alloc.Sharded)(nil)}
	_ = []error{alloc.ErrFull, alloc.ErrTerminating, alloc.ErrInUse, alloc.ErrRange, alloc.ErrNotInUse, alloc.ErrUnsupported}
	_ = alloc.Limits{Max: alloc.DefaultMax, Reserved: alloc.DefaultReserved}
	_ = [alloc.PIDMaxLimit]struct{}{}

	_ func() []backends.Backend   = backends.All
	_ func() []backends.Allocator = backends.Allocators
	_                             = backends.Backend{Name: "", New: alloc.Factory(nil)}
	_                             = backends.Allocator{Name: "", New: func(alloc.Limits) (alloc.Allocator, error) { return nil, nil }}

	_ func(*testing.T, alloc.Factory)                                                = alloctest.TestBackend
	_ func(*testing.T, func(alloc.Limits) (alloc.Allocator, error), alloctest.Order) = alloctest.TestAllocator
	_                                                                                = []alloctest.Order{alloctest.Cyclic, alloctest.FIFO, alloctest.Sharded}
	_ func(nextpidmap.Nexter) iter.Seq[alloc.PID]                                    = nextpidmap.All
	_ func(nextpidmap.Nexter, alloc.PID) iter.Seq[alloc.PID]                         = nextpidmap.After
	_ func(nextpidmap.Nexter, []alloc.PID) iter.Seq[[]alloc.PID]                     = nextpidmap.Batches
	_ func(nextpidmap.Nexter, alloc.Limits, int) []iter.Seq[alloc.PID]               = nextpidmap.Split
)

var (
	_ func(pidns.Config) (namespace, error)                      = pidns.New
	_ func(task, *pidns.Snapshot, func(task)) (namespace, error) = pidns.Restore
	_ func(namespace) task                                       = namespace.Reaper
	_ func(namespace, alloc.PID) (task, bool)                    = namespace.Task
	_ func(namespace) namespace                                  = namespace.Parent
	_ func(namespace) int                                        = namespace.Level
	_ func(namespace) alloc.PID                                  = namespace.Last
	_ func(namespace) int                                        = namespace.Len
	_ func(namespace) iter.Seq2[alloc.PID, task]                 = namespace.Tasks
	_ func(namespace, pidns.Sweep, syscall.Signal) (int, error)  = namespace.Signal
	_ func(namespace, context.Context, pidns.Sweep) error        = namespace.Zap
	_ func(namespace, context.Context, pidns.Sweep) (int, error) = namespace.Freeze
	_ func(namespace) error                                      = namespace.Thaw
	_ func(namespace) (*pidns.Snapshot, error)                   = namespace.Checkpoint
	_ func(task) (task, error)                                   = task.Fork
	_ func(task) (task, error)                                   = task.Thread
	_ func(task, ...alloc.PID) (task, error)                     = task.ForkAt
	_ func(task, pidns.Config, ...alloc.PID) (task, error)       = task.ForkNamespace
	_ func(task, namespace) error                                = task.Enter
	_ func(task) alloc.PID                                       = task.PID
	_ func(task, namespace) (alloc.PID, bool)                    = task.PIDIn
	_ func(task) namespace                                       = task.Namespace
	_ func(task) (task, bool)                                    = task.Parent
	_ func(task, syscall.Signal) error                           = task.Signal
	_ func(task, alloc.PID, syscall.Signal) error                = task.Kill
	_ func(task, int) error                                      = task.Exit
	_ func(task, int) error                                      = task.ExitGroup
	_ func(task, context.Context) (alloc.PID, int, error)        = task.Wait
	_ func(task, func(task, syscall.Signal)) error               = task.OnSignal
	_ func(task, bool) error                                     = task.SetSubreaper
	_                                                            = task{} == task{} // comparable
	_                                                            = pidns.Config{Limits: alloc.Limits{}, Registry: "", Lists: []pidns.Sweep{}}
	_                                                            = []pidns.Sweep{pidns.Walk, pidns.Batch, pidns.List, pidns.Array, pidns.Leaders, pidns.Global}
	_                                                            = []error{pidns.ErrDead, pidns.ErrNoList, pidns.ErrInvalid, pidns.ErrTooDeep, pidns.ErrNoTask, pidns.ErrNoChild, pidns.ErrKillInit, pidns.ErrNotFrozen, (*pidns.SurvivorsError)(nil)}
)
