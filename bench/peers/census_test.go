package peers

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// size is a value of max=, the number above the highest pid.
type size struct {
	name string
	max  int
}

// sizes are all of them; 4M takes part where the -bench pattern names max.
var sizes = []size{{"32k", 32768}, {"1M", 1 << 20}, {"4M", 4 << 20}}

// left tells whether a size is left out of this run.
func (s size) left() bool { return s.name == "4M" && !opened("max") }

// load is a value of fill=: how many pids of a map are in use.
type load struct {
	name string
	held func(pids int) int
}

var loads = []load{
	{"50", func(n int) int { return n / 2 }},
	{"99", func(n int) int { return n - n/100 }},
	{"99.99", func(n int) int { return n - max(n/10_000, 1) }},
	{"onefree", func(n int) int { return n - 1 }},
}

// census is the state that every side of a comparison starts from: the one
// that a next-fit allocator comes to when random pids are released. Pids behind
// the cursor are nearly all in use, and fewer the farther ahead of it.
type census struct {
	max    int
	used   []int32 // ascending
	free   []int32 // ascending
	held   []int32 // used, in a random order
	cursor int32   // the pid handed out last
	fresh  bool    // no pid has been taken back yet
	lap    int     // pairs that move the cursor once round, about
	steps  []step  // what a next-fit allocator does from here
}

// step is one pair: the slot whose pid was released, and the pid that came.
type step struct{ slot, pid int32 }

// mostPairs is how many pairs a side runs before it is timed, at the most; it
// bounds a batch too.
const mostPairs = 8192

// counted is the census made last: the sides of a comparison share it.
var counted struct {
	max, n int
	c      *census
}

// takeCensus gives the state in which n pids of [1, max) are in use.
func takeCensus(max, n int) *census {
	if counted.c == nil || counted.max != max || counted.n != n {
		counted.c = nil
		counted.max, counted.n, counted.c = max, n, newCensus(max, n)
	}
	return counted.c
}

func newCensus(max, n int) *census {
	c := &census{max: max}
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	for _, i := range rng.Perm(max - 1)[:n] {
		c.held = append(c.held, int32(i+1))
	}
	slices.Sort(c.held)
	c.used = slices.Clone(c.held)
	if n > 0 && n < max-1 {
		c.settle(rng)
	}
	c.free = absent(max, c.used)
	return c
}

// settle runs three laps of the flat bitmap, which is also the model that the
// others are judged by, and notes its steps from there.
func (c *census) settle(rng *rand.Rand) {
	model := newFlat(c)
	rng.Shuffle(len(c.held), func(i, j int) { c.held[i], c.held[j] = c.held[j], c.held[i] })
	h := c.hold()
	for laps := 0; laps < 3; c.lap++ {
		if laps == 2 && c.lap == 0 {
			c.lap = 1
		}
		before := model.last
		h.n = 1
		model.churn(h)
		if model.last <= before {
			laps++
			if laps < 3 {
				c.lap = 0
			}
		}
	}
	c.held, c.cursor = slices.Clone(h.pids), model.last
	c.used = slices.Sorted(slices.Values(c.held))
	h = c.hold()
	h.n = 1
	for range mostPairs {
		slot := h.rng.step().below(len(h.pids))
		model.churn(h)
		c.steps = append(c.steps, step{int32(slot), h.pids[slot]})
	}
}

// absent gives the pids of [1, max) that are not in used, which ascends.
func absent(max int, used []int32) []int32 {
	free := make([]int32, 0, max-1-len(used))
	for pid := int32(1); int(pid) < max; pid++ {
		if len(used) > 0 && used[0] == pid {
			used = used[1:]
			continue
		}
		free = append(free, pid)
	}
	return free
}

// mixed is free in a random order, for those that keep them in order of age.
func (c *census) mixed() []int32 {
	free := slices.Clone(c.free)
	rng := rand.New(rand.NewPCG(3, uint64(len(free))))
	rng.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	return free
}

// rng is a 64-bit linear congruential generator: about the cheapest there is,
// so that the harness weighs little.
type rng uint64

func (r rng) step() rng { return r*6364136223846793005 + 1442695040888963407 }

// below gives a number in [0, n), n below 1<<32.
func (r rng) below(n int) int { return int(uint64(r) >> 32 * uint64(n) >> 32) }

// held are the pids of one worker, and how many pairs it does in one go.
type held struct {
	pids []int32
	n    int
	rng  rng
}

func (c *census) hold() *held { return &held{pids: slices.Clone(c.held), rng: 1} }

// each calls pair with the slot of a random pid, n times. It is inlined, and so
// is pair: no side pays for a call that another does not.
func (h *held) each(pair func(slot *int32)) {
	r := h.rng
	for range h.n {
		r = r.step()
		pair(&h.pids[r.below(len(h.pids))])
	}
	h.rng = r
}

// distinct tells whether the pids held are in [1, max), each once.
func distinct(max int, pids ...int32) error {
	seen := make([]bool, max)
	for _, pid := range pids {
		if pid < 1 || int(pid) >= max {
			return fmt.Errorf("pid %d is not in [1, %d): an allocation failed, or gave it", pid, max)
		}
		if seen[pid] {
			return fmt.Errorf("pid %d is held twice", pid)
		}
		seen[pid] = true
	}
	return nil
}

// follows tells whether pids are what n pairs of next-fit make of the census.
func (c *census) follows(pids []int32, n int) error {
	want := slices.Clone(c.held)
	for _, s := range c.steps[:n] {
		want[s.slot] = s.pid
	}
	for i := range want {
		if pids[i] != want[i] {
			return fmt.Errorf("after %d pairs slot %d holds pid %d, next-fit gives %d", n, i, pids[i], want[i])
		}
	}
	return nil
}
