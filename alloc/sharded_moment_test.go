package alloc

import (
	"runtime"
	"testing"
)

// TestShardedSeenIsNotSkipped takes one pid a word, so that every one of them
// changes the summaries, while a reader that has met a pid by InUse asks Next
// for it at once.
func TestShardedSeenIsNotSkipped(t *testing.T) {
	const top = 1 << 20
	s := newSharded(t, Limits{Max: top, Reserved: 1}, 2, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pid := PID(64); pid < top; pid += 64 {
			for spins := 0; !s.InUse(pid); spins++ {
				if spins&(1<<16-1) == 1<<16-1 { // for a machine of one processor
					runtime.Gosched()
				}
			}
			if next, ok := s.Next(pid - 64); !ok || next != pid { // from the word before, by way of the summaries
				t.Errorf("InUse(%d), and Next(%d) is %d, %t", pid, pid-64, next, ok)
				return
			}
		}
	}()
	for pid := PID(64); pid < top; pid += 64 {
		if err := s.AllocAt(pid); err != nil {
			t.Error(err)
		}
	}
	<-done
}

// TestShardedLenIsOfOneMoment moves one pid between the first shard and the last,
// so that one or two are in use at every moment.
func TestShardedLenIsOfOneMoment(t *testing.T) {
	s := newSharded(t, Limits{Max: 100_000, Reserved: 1}, 64, nil)
	from, to := PID(1), PID(99_999)
	s.AllocAt(from)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				s.AllocAt(to)
				s.Free(from)
				from, to = to, from
			}
		}
	}()
	for range 20_000 {
		if n := s.Len(); n != 1 && n != 2 {
			t.Errorf("Len is %d", n)
			break
		}
	}
	close(stop)
	<-done
}
