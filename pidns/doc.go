// Package pidns models the life and death of PID namespaces: tasks that fork
// and exit, hold a number in their own namespace and in every one above, and
// are ended together without anybody being missed.
//
// # Words
//
// A pid is a number in [1, Max) of one namespace. A namespace's level is its
// depth: a task has one pid at its own level and one at every level above. Its
// reaper is pid 1. To publish a task is to make it findable by its numbers;
// between allocation and publication a number is taken but has no task. The
// gate of a namespace is its allocator's Terminate. A sweep marks every task
// of a namespace once with a signal; delivery is what follows from the marks;
// a zap is gate, sweep, delivery, and the wait until nobody but the reaper's
// own thread group is left.
//
// A walk is a sweep that follows the numbers: next number, look up, mark. A
// list sweep follows links between tasks. A registry is how a namespace hands
// out numbers and finds tasks by them; Config chooses it, and which lists are
// kept up at fork and exit.
//
// # Guarantees
//
//  1. Nobody escapes a zap. A fork tests the gates of its namespace and of all
//     above in the critical section in which it publishes; a sweep cannot come
//     between. A fork caught between allocation and publication is undone at
//     every level.
//  2. A failed fork leaves every level as it was: numbers, Last, counts, lists.
//  3. A zap ends when the count of numbers says that nobody else is left, a
//     count that only falls once the gate is shut; nothing polls and nothing
//     is walked to find it out.
//  4. A zap spares the reaper's thread group and nobody else: nested reapers,
//     threads whose leader is dead, children of parents outside, zombies and
//     orphans with a subreaper are all counted and all go.
//  5. A reaper's last exit ends its namespace and returns at once; the reaper
//     becomes a zombie when it is the last. The root's reaper cannot exit.
//  6. Namespaces die with the one that holds them, and the death of a nested
//     reaper never holds up the sweep of an outer namespace.
//  7. A handle never reaches a stranger: who is meant is told by task, never
//     by number.
//  8. In a frozen namespace, and below, nobody is born and no signal but SIGKILL
//     is delivered, from the moment of the freeze to that of the thaw; a zap
//     overrides it. A fork caught in the middle is undone and waits.
//  9. A restore is all or nothing at every level, and a copy goes on as its
//     original: with the same numbers, the next ones too.
//
// # Locks
//
// Everything of a root and its descendants is guarded by one lock, host.mu; no
// other lock is taken under it, and programs (OnSignal) are called without it.
// A sweep does not hold host.mu but holds off every change for its length, as
// a reader of Linux's tasklist_lock does. No step of a task's life visits its
// siblings.
//
// Semantics follow Linux: pid_namespaces(7), kill(2), wait(2), clone(2) and the
// behaviour of kernel/pid_namespace.c from 2.6.24 on. Signals are the standard
// ones, 1 to 31; process groups, sessions and ptrace are not modelled.
package pidns
