package pidns

import (
	"errors"
	"fmt"

	"example.com/pidmap/alloc"
)

// Errors of namespaces and tasks, beside alloc.ErrFull (EAGAIN),
// alloc.ErrTerminating (ENOMEM) and alloc.ErrInUse (EEXIST). Match them with
// errors.Is. Every one of them leaves the namespaces as they were.
var (
	ErrDead       = errors.New("pidns: the task is dead")                   // a stale handle, a zombie, or killed
	ErrInvalid    = errors.New("pidns: invalid argument")                   // EINVAL
	ErrKillInit   = errors.New("pidns: the reaper of the root cannot exit") // Linux panics: "Attempted to kill init!"
	ErrNotFrozen  = errors.New("pidns: the namespace is not frozen")
	ErrNoChild    = errors.New("pidns: no child to wait for")                     // ECHILD
	ErrNoList     = errors.New("pidns: the namespace does not keep up that list") // Config.Lists
	ErrNoTask     = errors.New("pidns: no such task")                             // ESRCH
	ErrPermission = errors.New("pidns: the task may not choose a number there")   // EPERM
	ErrTooDeep    = errors.New("pidns: more than 32 levels of nested namespaces") // ENOSPC
)

// errNoContext is told to whoever passes nil for a context: nothing is begun.
var errNoContext = fmt.Errorf("pidns: nil context: %w", ErrInvalid)

// MaxLevel is the deepest level of a namespace: 32, as in pid_namespaces(7);
// the root's is 0.
const MaxLevel = 32

// Sweep names a way to visit every task of a namespace once.
type Sweep string

const (
	Walk    Sweep = "walk"    // follow the numbers: Next, look up, mark
	Batch   Sweep = "batch"   // 64 numbers at a time
	List    Sweep = "list"    // follow a list of the namespace's tasks
	Array   Sweep = "array"   // follow a dense array of them
	Leaders Sweep = "leaders" // follow a list of the leaders of thread groups: one mark a process
	Global  Sweep = "global"  // follow a list of every task on the host, and leave out strangers

	Parallel Sweep = "parallel" // batch, on every processor
)

// Config says how a namespace is made. The zero value is a namespace of
// alloc's default limits over tree+table, without lists.
type Config struct {
	Limits   alloc.Limits
	Registry string  // TreeTable, TreeHash, PagedHash, IDR, Table; "" is TreeTable
	Lists    []Sweep // which of List, Array, Leaders, Global to keep up at fork and exit

	// Stride is the distance of two tasks in memory, in bytes, for measuring
	// what bigger tasks would cost: a multiple of 32 from 64 to 64 KiB; 0 is what
	// a task needs, 64, or 96 with other lists than List. It is the host's, so
	// only a root can ask for it.
	Stride int
}

// SurvivorsError is what Zap returns when its context ends before the
// namespace is empty. The gate stays shut, and the signals stay sent.
type SurvivorsError struct {
	Count int         // numbers still taken beside the reaper's
	PIDs  []alloc.PID // of survivors, ascending, as the namespace numbers them: the first 64
	Err   error       // of the context
}

func (e *SurvivorsError) Error() string {
	return fmt.Sprintf("pidns: %d left in the namespace, pids %d: %v", e.Count, e.PIDs, e.Err)
}

// Unwrap gives the context's error.
func (e *SurvivorsError) Unwrap() error { return e.Err }
