package alloc

import (
	"errors"
	"fmt"
	"reflect"
)

// PID is a process id: a number in [1, Max). Zero and below are never handed
// out.
type PID int32

// What the zero Limits stands for, and Linux's own upper limit.
const (
	DefaultMax      = 32768   // pid_max of a small Linux machine
	DefaultReserved = 300     // RESERVED_PIDS: the first pid tried after a wrap
	PIDMaxLimit     = 4 << 20 // PID_MAX_LIMIT of 64-bit Linux, the largest benchmarked
)

// maxMax is the largest Max that NewX accepts: it leaves a bit of PID free, so
// that sums of two pids do not overflow.
const maxMax = 1 << 30

// Limits bounds the pids of a map: they lie in [1, Max), and those below
// Reserved are handed out once and not again after a wrap. The zero value
// stands for {DefaultMax, DefaultReserved}; a zero Reserved for
// DefaultReserved, or for 1 where Max <= DefaultReserved.
type Limits struct{ Max, Reserved PID }

// Normalize fills in the defaults and checks the result: 2 <= Max <= 1<<30 and
// 1 <= Reserved < Max. The error names the field and wraps ErrRange.
func (l Limits) Normalize() (Limits, error) {
	if l.Max == 0 {
		l.Max = DefaultMax
	}
	if l.Max < 2 || l.Max > maxMax {
		return Limits{}, fmt.Errorf("limits: Max %d is not in [2, %d]: %w", l.Max, maxMax, ErrRange)
	}
	if l.Reserved == 0 {
		l.Reserved = DefaultReserved
		if l.Max <= DefaultReserved {
			l.Reserved = 1
		}
	}
	if l.Reserved < 1 || l.Reserved >= l.Max {
		return Limits{}, fmt.Errorf("limits: Reserved %d is not in [1, Max %d): %w", l.Reserved, l.Max, ErrRange)
	}
	return l, nil
}

// Errors of an Allocator. They are returned bare; match them with errors.Is.
// Every one of them leaves the allocator as it was.
var (
	ErrFull        = errors.New("pidmap: no free pid")                   // EAGAIN in Linux
	ErrTerminating = errors.New("pidmap: terminating")                   // ENOMEM in Linux
	ErrInUse       = errors.New("pidmap: pid is in use")                 // EEXIST of clone3's set_tid
	ErrNotInUse    = errors.New("pidmap: pid is not in use")             // freed twice, or never handed out
	ErrRange       = errors.New("pidmap: number out of range")           // outside [1, Max)
	ErrUnsupported = errors.New("pidmap: not supported by this backend") // SetLast where the order has no cursor, AllocAt beyond any table
)

// Backend is a set of pids in use, taken from [1, Max). It knows nothing of
// cursors, gates or locks: it is not safe for concurrent use, and the same
// calls give the same results whatever the backend. A number outside the range
// is answered like any other odd input: Take, TakeFirst and Release give false
// and change nothing, Next starts from the nearer end. Package alloctest holds
// the suite that a backend must pass.
type Backend interface {
	// Take claims pid; false if it is in use or out of range.
	Take(pid PID) bool
	// TakeFirst claims the smallest free pid in [lo, hi); false if there is
	// none. The range is cut to [1, Max).
	TakeFirst(lo, hi PID) (PID, bool)
	// Release gives pid back; false if it was free or out of range.
	Release(pid PID) bool
	// Next gives the smallest pid in use > after; false at the end.
	Next(after PID) (PID, bool)
	// Len is the number of pids in use, in O(1).
	Len() int
}

// Batcher is an optional interface of backends and allocators: a faster Next
// for many. NextN fills dst with the smallest pids in use > after, in ascending
// order, and returns how many there were: fewer than len(dst) only at the end.
type Batcher interface {
	NextN(after PID, dst []PID) int
}

// Undoer is an optional interface of allocators, for callers that hand out a
// pid in several steps of which a later one may fail.
type Undoer interface {
	// Undo takes pid back as if it had not been handed out: where nothing else
	// has been handed out or freed since, the allocator is as it was, its order
	// included. last is what Last was before. It fails as Free does, and with
	// ErrRange if last is not in [0, Max).
	Undo(pid, last PID) error
}

// Factory makes an empty backend for pids in [1, l.Max). It accepts every
// Limits that Normalize accepts, the zero value included. What it makes must not
// panic: Shared and Sharded, which unlock without a defer, may stay locked for ever then.
type Factory func(l Limits) (Backend, error)

// isNil tells whether b is nil or a nil pointer.
func isNil(b Backend) bool {
	v := reflect.ValueOf(b)
	return b == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// Allocator hands out pids and takes them back. *Pidmap, *Shared, *Sharded and
// *Table are allocators. A failed call changes nothing.
type Allocator interface {
	// Alloc hands out the next pid. It fails with ErrFull or ErrTerminating.
	Alloc() (PID, error)
	// AllocAt hands out pid and does not move Last. It fails with ErrInUse,
	// ErrRange or ErrTerminating, and a Table with ErrUnsupported where its
	// pids up to there are more than the address space holds.
	AllocAt(pid PID) error
	// Free takes pid back, after Terminate too. It fails with ErrNotInUse or
	// ErrRange.
	Free(pid PID) error
	// Next gives the smallest pid in use > after; false at the end. Any
	// argument is allowed: 0 or below means from the first.
	Next(after PID) (PID, bool)
	// Len is the number of pids in use.
	Len() int
	// Last is the pid that Alloc handed out last, or what SetLast said; 0 at
	// first. Linux shows it as /proc/sys/kernel/ns_last_pid.
	Last() PID
	// SetLast makes Alloc go on after pid, which lies in [0, Max). It fails
	// with ErrRange, or with ErrUnsupported where the order has no cursor.
	SetLast(pid PID) error
	// Limits gives the limits with the defaults filled in.
	Limits() Limits
	// Terminate shuts the gate, for ever. Further calls do nothing.
	Terminate()
	// Terminating tells whether the gate is shut.
	Terminating() bool
}
