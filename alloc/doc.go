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
// New gives a *Pidmap for callers with a lock of their own. NewShared gives the
// same behind one mutex, for anybody else. Both take a Factory that makes the
// backend; nil means NewTree, which finds a free pid, and finds out that there
// is none, in the height of a 64-ary tree. NewPaged is Linux 2.6.22's bitmap,
// here to be compared with.
package alloc
