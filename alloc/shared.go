package alloc

import "sync"

// Shared is any allocator behind one mutex: every method is safe for
// concurrent use and takes effect at one moment. It adds a lock and an unlock
// to each call and nothing else: where what it guards panics, it may stay locked
// for ever, since a deferred unlock would cost a fifth more. Share and NewShared make
// one; the zero value is not to be used.
type Shared struct {
	mu sync.Mutex
	a  Allocator // guarded by mu
}

var (
	_ Allocator = (*Shared)(nil)
	_ Batcher   = (*Shared)(nil)
)

// NewShared is Share of New(l, f).
func NewShared(l Limits, f Factory) (*Shared, error) {
	m, err := New(l, f)
	if err != nil {
		return nil, err
	}
	return Share(m), nil
}

// Share puts a, which must not be nil, behind a mutex. From then on a is reached
// through it alone, by Do for the methods that Allocator does not have.
func Share(a Allocator) *Shared { return &Shared{a: a} }

// Alloc hands out the next pid.
func (s *Shared) Alloc() (PID, error) {
	s.mu.Lock()
	pid, err := s.a.Alloc()
	s.mu.Unlock()
	return pid, err
}

// AllocAt hands out pid.
func (s *Shared) AllocAt(pid PID) error {
	s.mu.Lock()
	err := s.a.AllocAt(pid)
	s.mu.Unlock()
	return err
}

// Free takes pid back.
func (s *Shared) Free(pid PID) error {
	s.mu.Lock()
	err := s.a.Free(pid)
	s.mu.Unlock()
	return err
}

// Next gives the smallest pid in use > after. Steps of a walk are apart: what
// changes between them is seen or not, but a pid that stays is never skipped.
func (s *Shared) Next(after PID) (PID, bool) {
	s.mu.Lock()
	pid, ok := s.a.Next(after)
	s.mu.Unlock()
	return pid, ok
}

// NextN fills dst with the smallest pids in use > after, all of one moment.
func (s *Shared) NextN(after PID, dst []PID) int {
	s.mu.Lock()
	n := nextN(s.a, after, dst)
	s.mu.Unlock()
	return n
}

// Len is the number of pids in use.
func (s *Shared) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.Len()
}

// Last is the pid handed out last.
func (s *Shared) Last() PID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.Last()
}

// SetLast makes Alloc go on after pid.
func (s *Shared) SetLast(pid PID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.SetLast(pid)
}

// Limits gives the limits with the defaults filled in.
func (s *Shared) Limits() Limits {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.Limits()
}

// Terminate shuts the gate: an Alloc either came before it, and its pid is
// visible to Next, or gets ErrTerminating.
func (s *Shared) Terminate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.a.Terminate()
}

// Terminating tells whether the gate is shut.
func (s *Shared) Terminating() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.a.Terminating()
}

// Do runs f on the allocator that s guards, under the lock: for what takes more
// than one call and is to happen at one moment, and for methods that Allocator
// does not have. f must not keep the allocator, nor use s.
func (s *Shared) Do(f func(Allocator)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.a)
}
