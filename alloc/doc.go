// Package alloc hands out process ids: small numbers for live things, each
// held by at most one, found again by number, and refused for ever once the
// set of them is being brought to its end.
//
// # Words
//
// A pid is a number in [1, Max); Max is exclusive, as Linux's pid_max is. Pid 0
// is never handed out; given to Next it means "before the first". Last is the
// pid handed out last, Reserved the first pid tried after a wrap. A backend is
// a set of pids in use; a pidmap is a backend plus the policy (which pid is
// next) plus the gate. The gate is what Terminate shuts: once Terminate has
// returned, no pid is handed out again, and every pid handed out before is
// visible to Next.
//
// # Policy
//
// Alloc takes the smallest free pid in [Last+1, Max), else the smallest free
// pid in [Reserved, Last+1), else it fails with ErrFull. A new map hands out 1
// first; pids below Reserved are not reused after a wrap. This is the order of
// Linux (kernel/pid.c from 2.5.37 to today), with two corners of 2.6.22 mended
// in which it returned failure although a pid was free: Last itself being the
// only free pid, and the same with Last == Reserved.
//
// # What to choose
//
//   - New, where the caller has a lock of its own or needs none: a *Pidmap.
//   - NewShared, where several goroutines allocate: the same behind one mutex.
//     This is the one to start with.
//   - NewSharded, where they allocate so much that the mutex is the bottleneck,
//     or where walks must not wait for writers. The order is cyclic per shard
//     only. Local gives a worker that stays a shard of its own.
//   - NewTableOf, where a freed number should rest for as long as can be, or
//     where each pid stands for a value: a FIFO, not the order above. Share puts
//     it behind a mutex; Load, Store and whatever else Allocator does not have,
//     Undo too, are then reached by Shared.Do and a type assertion.
//
// New, NewShared and NewSharded take a Factory that makes the backend; nil means
// the tree, which finds a free pid, and finds out that there is none, in the
// height of a 64-ary tree, and is the quickest of those here in nearly every
// case (docs/results.md has the figures). NewIDROf keeps a value for each pid in
// the radix tree that Linux has used since 4.15; NewPaged is the bitmap that
// Linux had before. Package alloctest proves backends of one's own, package
// snapshot writes an allocator to a file and reads it back as any other.
//
// # Errors
//
// Outcomes that a caller must expect are sentinels, returned bare: ErrFull,
// ErrTerminating, ErrInUse, ErrNotInUse, ErrRange, ErrUnsupported. Constructors
// wrap them to name what was wrong. A call that fails changes nothing.
package alloc
