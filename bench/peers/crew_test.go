package peers

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
)

// crew is goroutines that wait for the next go. What one of them writes lies 128
// bytes from what another does.
type crew struct {
	hands   []*held
	start   []chan *atomic.Int32 // how many are awake
	done    chan shift
	between *rand.Rand
}

// shift is a worker's time in one go.
type shift struct{ begin, end time.Time }

// padded is a value that shares no pair of cache lines with another.
type padded[T any] struct {
	_ [128]byte
	v T
	_ [128]byte
}

func newCrew(sides []side, hands []*held) *crew {
	w := &crew{hands: hands, done: make(chan shift), between: rand.New(rand.NewPCG(4, 0))}
	for i, s := range sides {
		start := make(chan *atomic.Int32)
		w.start = append(w.start, start)
		go w.work(s, hands[i], start)
	}
	return w
}

func (w *crew) work(s side, h *held, start <-chan *atomic.Int32) {
	for awake := range start {
		for awake.Add(1); int(awake.Load()) < len(w.hands); {
			runtime.Gosched()
		}
		begin := time.Now()
		s.churn(h)
		w.done <- shift{begin, time.Now()}
	}
}

// churn runs a go and tells how long it took, from when all were awake to when
// the last was done.
func (w *crew) churn() time.Duration {
	var awake atomic.Int32
	for _, start := range w.start {
		start <- &awake
	}
	all := <-w.done
	for range len(w.start) - 1 {
		s := <-w.done
		if s.begin.Before(all.begin) {
			all.begin = s.begin
		}
		if s.end.After(all.end) {
			all.end = s.end
		}
	}
	return all.end.Sub(all.begin)
}

// exchange has two workers swap a random half of their pids.
func (w *crew) exchange() {
	a, b := w.hands[0].pids, w.hands[1].pids
	for i := range a {
		if w.between.Uint32()&1 != 0 {
			a[i], b[i] = b[i], a[i]
		}
	}
}

// dismiss ends the workers.
func (w *crew) dismiss() {
	for _, start := range w.start {
		close(start)
	}
}
