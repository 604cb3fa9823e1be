package alloc

import (
	"runtime"
	"testing"
)

// TestShardedGoesApart makes an Alloc wait for its shard: if the last Alloc there
// was another's, the caller goes to the next shard; otherwise it stays. One whose
// shard is full takes all followers along.
func TestShardedGoesApart(t *testing.T) {
	s := newSharded(t, Limits{Max: 1001, Reserved: 1}, 4, nil)    // 250 each
	mine, other := caller{&s.hints[7], 1}, caller{&s.hints[7], 2} // of one hint
	waiting := func(i int, by uint32) PID {
		h := &s.shards[i].run
		h.mu.Lock()
		h.by = by
		got := make(chan PID)
		go func() {
			pid, _ := s.allocWaiting(mine, i)
			got <- pid
		}()
		runtime.Gosched()
		h.mu.Unlock()
		return <-got
	}
	for _, c := range []struct {
		by    uint32
		shard int
		want  int // mine, -1 where nothing is said
	}{{0, 1, -1}, {mine.tag, 1, -1}, {other.tag, 1, 2}, {other.tag, 3, 0}} {
		pid := waiting(c.shard, c.by)
		if own, _ := mine.told(); own != c.want || s.index(pid) != c.shard {
			t.Errorf("waiting for %d at shard %d: pid %d, then shard %d, want %d", c.by, c.shard, pid, own, c.want)
		}
	}
	if s.home.Store(3); s.at(mine) != 0 || s.at(other) != 3 {
		t.Errorf("two of one hint go to %d and %d, want 0 and 3", s.at(mine), s.at(other))
	}
}

// TestShardedFull: one whose shard is full takes all followers of home along; who
// has a shard of its own keeps it, and goes first where it went before. An Alloc
// that fails changes nothing.
func TestShardedFull(t *testing.T) {
	s := newSharded(t, Limits{Max: 1001, Reserved: 1}, 4, nil) // 250 each
	alloc := func(want PID) {
		t.Helper()
		if pid, err := s.Alloc(); pid != want || err != nil || s.Last() != want {
			t.Fatalf("Alloc() = %d, %v, Last %d; want %d", pid, err, s.Last(), want)
		}
	}
	alloc(1)
	if err := s.SetLast(600); err != nil { // to shard 2
		t.Fatal(err)
	}
	alloc(601)
	for range 249 {
		s.Alloc()
	}
	alloc(751) // shard 2 is full
	if s.home.Load() != 3 {
		t.Errorf("home is %d", s.home.Load())
	}

	c := caller{&s.hints[7], 1}
	full := func(want PID, away int) {
		t.Helper()
		pid, err := s.allocFull(c, 2)
		own, j := c.told()
		if pid != want || err != nil || own != 2 || j != away || s.home.Load() != 3 {
			t.Errorf("allocFull() = %d, %v, then %d and %d, home %d; want %d, away at %d", pid, err, own, j, s.home.Load(), want, away)
		}
	}
	c.stay(2, -1)
	full(752, 3)
	full(753, 3)
	c.stay(2, 0)
	full(2, 0)

	fails := func(want error) {
		t.Helper()
		last := s.Last()
		if _, err := s.Alloc(); err != want || s.Last() != last || s.home.Load() != 3 {
			t.Errorf("Alloc() fails with %v, want %v; Last is %d, was %d; home is %d", err, want, s.Last(), last, s.home.Load())
		}
	}
	for pid := PID(1); pid <= 1000; pid++ {
		if err := s.AllocAt(pid); err != nil && err != ErrInUse {
			t.Fatal(err)
		}
	}
	fails(ErrFull)
	s.Free(1)
	s.Terminate()
	fails(ErrTerminating)
}

// TestShardedLocal sees what a Local keeps for itself and what it shares.
func TestShardedLocal(t *testing.T) {
	s := newSharded(t, Limits{Max: 21, Reserved: 1}, 2, nil) // 10 each
	a, b, c := s.Local(), s.Local(), s.Local()
	alloc := func(l Allocator, want PID) {
		t.Helper()
		if pid, err := l.Alloc(); pid != want || err != nil || l.Last() != want {
			t.Fatalf("Alloc() = %d, %v, Last %d; want %d", pid, err, l.Last(), want)
		}
	}
	alloc(a, 1)
	alloc(b, 11)
	alloc(c, 2)
	if a.Last() != 2 || b.Last() != 11 || s.Last() != 2 {
		t.Errorf("Last: %d, %d, %d", a.Last(), b.Last(), s.Last())
	}
	for want := PID(12); want <= 20; want++ {
		alloc(b, want)
	}
	alloc(b, 3) // its shard is full
	if err := b.SetLast(15); err != nil || b.Last() != 15 || a.Last() != 3 {
		t.Errorf("SetLast(15) = %v, then Last %d and %d", err, b.Last(), a.Last())
	}
	if err := b.Free(1); err != nil || a.Len() != 12 {
		t.Errorf("Free(1) = %v, Len %d", err, a.Len())
	}
	if err := a.SetLast(21); err != ErrRange {
		t.Errorf("SetLast(21) = %v", err)
	}
	b.Terminate()
	if _, err := a.Alloc(); err != ErrTerminating || !s.Terminating() {
		t.Errorf("Alloc() = %v, Terminating %t", err, s.Terminating())
	}
}

// TestShardedLocalLeavesItsTrace: a Local's Alloc is noted in its shard, so that
// one that has to wait there goes to the next.
func TestShardedLocalLeavesItsTrace(t *testing.T) {
	s := newSharded(t, Limits{Max: 1001, Reserved: 1}, 4, nil)
	l, m := s.Local().(*local), s.Local().(*local)
	l.Alloc()
	if by := s.shards[0].by; by != l.tag || by == m.tag || by == 0 {
		t.Errorf("noted is %d; the Locals are %d and %d", by, l.tag, m.tag)
	}
	c := caller{&s.hints[7], 1}
	s.allocWaiting(c, 0)
	if own, _ := c.told(); own != 1 {
		t.Errorf("one that waited goes to shard %d, want 1", own)
	}
}

// TestShardedLocalReturns: a Local whose shard was full goes elsewhere for a few
// Allocs, and then takes from its own again, if there is room.
func TestShardedLocalReturns(t *testing.T) {
	s := newSharded(t, Limits{Max: 201, Reserved: 1}, 2, nil) // 100 each
	l := s.Local()
	for range 100 {
		l.Alloc()
	}
	away := func() {
		t.Helper()
		for i := range awayFor {
			pid, err := l.Alloc()
			if err != nil || s.index(pid) != 1 || l.Last() != pid && i < awayFor-1 {
				t.Fatalf("Alloc() = %d, %v, Last %d; want it of shard 1", pid, err, l.Last())
			}
			l.Free(pid)
		}
	}
	away()
	away() // since there is no room
	l.Free(7)
	if pid, err := l.Alloc(); pid != 7 || err != nil || l.Last() != 7 {
		t.Errorf("Alloc() = %d, %v, Last %d, want 7", pid, err, l.Last())
	}
}

// TestSetCursorsMoves: whoever has been moved to another shard goes on where
// SetCursors says, by way of the Sharded and by way of a Local.
func TestSetCursorsMoves(t *testing.T) {
	limits := Limits{Max: 65, Reserved: 1}
	for _, how := range []string{"Sharded", "Local"} {
		s := newSharded(t, limits, 2, nil)
		var a interface {
			Allocator
			SetCursors(PID, []PID) error
		} = s
		if how == "Local" {
			a = s.Local().(*local)
		}
		var pids []PID
		for range 40 { // the first shard has 32
			pid, err := a.Alloc()
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
		for _, pid := range pids {
			if err := a.Free(pid); err != nil {
				t.Fatal(err)
			}
		}
		for i := range s.hints { // everybody has been told to stay with the second
			caller{&s.hints[i], s.caller().tag}.stay(1, -1)
		}
		for _, last := range []PID{7, 50, 8} {
			if err := a.SetCursors(last, []PID{last}); err != nil {
				t.Fatal(err)
			}
			if pid, err := a.Alloc(); pid != last+1 || err != nil || a.Last() != last+1 {
				t.Errorf("%s: after SetCursors(%d) Alloc gives %d, %v, and Last is %d", how, last, pid, err, a.Last())
			}
		}
		before := a.Last()
		if err := a.SetCursors(65, nil); err != ErrRange || a.Last() != before {
			t.Errorf("%s: SetCursors(65) = %v, and Last is %d", how, err, a.Last())
		}
	}
}
