package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/snapshot"
)

func newTable(l alloc.Limits) (alloc.Allocator, error)  { return alloc.NewTable(l) }
func newPidmap(l alloc.Limits) (alloc.Allocator, error) { return alloc.New(l, nil) }

// A table that is restored from a cyclic allocator goes on after its Last,
// though fewer pids are in use than would make it as long.
func TestCyclicToTableGoesOnAfterLast(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	for range 5000 {
		a.Alloc()
	}
	for pid := alloc.PID(2); pid <= 5000; pid++ {
		a.Free(pid)
	}
	b := read(t, write(t, a), newTable)
	for want := alloc.PID(5001); want < 5500; want++ {
		if pid, err := b.Alloc(); pid != want || err != nil {
			t.Fatalf("Alloc() = %d, %v, want %d", pid, err, want)
		}
	}
}

// A cyclic allocator that is restored from a table hands out first what the
// table would have.
func TestTableToCyclic(t *testing.T) {
	a, _ := alloc.NewTable(alloc.Limits{Max: 100})
	for range 99 {
		a.Alloc()
	}
	a.Free(5)
	a.Alloc() // 5: Last
	a.Free(20)
	a.Free(6)
	b := read(t, write(t, a), newPidmap)
	if pid, _ := b.Alloc(); b.Last() != 20 || pid != 20 {
		t.Errorf("Alloc() = %d, Last %d, want 20", pid, b.Last())
	}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, _ := alloc.NewTable(alloc.Limits{Max: alloc.PID(2 + r.IntN(500)), Reserved: 1})
		churn(t, a, r, r.IntN(1000))
		b := read(t, write(t, a), newPidmap)
		want := append(slices.Collect(a.Queue()), 0)[0]
		if got, _ := b.Alloc(); want != 0 && got != want {
			t.Fatalf("seed %d: Alloc() = %d, the table's next is %d", seed, got, want)
		}
	}
}

// claims is an allocator that says what it is told to of Last and its cursors.
type claims struct {
	alloc.Allocator
	last alloc.PID
}

func (c claims) Last() alloc.PID { return c.last }

type cursors struct {
	claims
	at []alloc.PID
}

func (c cursors) Cursors() []alloc.PID                    { return c.at }
func (c cursors) SetCursors(alloc.PID, []alloc.PID) error { return nil }

// What Read would refuse, Write does not write.
func TestWriteRefusesWhatReadWould(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{Max: 100}, nil)
	for _, last := range []alloc.PID{-7, 100, 1<<31 - 1} {
		var file bytes.Buffer
		if err := snapshot.Write(&file, claims{a, last}); !errors.Is(err, snapshot.ErrInvalid) || file.Len() != 0 {
			t.Errorf("Last %d: %v, %d bytes", last, err, file.Len())
		}
	}
	for _, at := range [][]alloc.PID{{0}, {-1}, {100}, {7, 7}, {7, 3}} {
		if err := snapshot.Write(io.Discard, cursors{claims{a, 0}, at}); !errors.Is(err, snapshot.ErrInvalid) {
			t.Errorf("cursors %d: %v", at, err)
		}
	}
}

// A Last that came after the cursors were asked for becomes one.
func TestWriteMakesLastACursor(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{Max: 100}, nil)
	file := write(t, cursors{claims{a, 7}, []alloc.PID{3, 50}})
	b := read(t, file, func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, 99, nil) })
	if got := b.(*alloc.Sharded).Cursors(); !slices.Equal(got, []alloc.PID{3, 7, 50}) || b.Last() != 7 {
		t.Errorf("cursors %d, Last %d", got, b.Last())
	}
}

// short takes less than it is given and says nothing.
type short struct{}

func (short) Write(b []byte) (int, error) { return len(b) - 1, nil }

func TestWriterThatTakesLess(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	if err := snapshot.Write(short{}, a); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Write: %v", err)
	}
}

func TestConstructorOfNothing(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	file := write(t, a)
	typed := func(alloc.Limits) (alloc.Allocator, error) { return (*alloc.Pidmap)(nil), nil }
	for name, new := range map[string]snapshot.Constructor{"none": nil, "a nil pointer": typed} {
		if a, err := snapshot.Read(bytes.NewReader(file), new); !errors.Is(err, snapshot.ErrMismatch) || a != nil {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

// The flags say what there is, were it of no length.
func TestFlagsOfWhatIsEmpty(t *testing.T) {
	table, _ := alloc.NewTable(alloc.Limits{Max: 5})
	for range 4 {
		table.Alloc()
	}
	sharded, _ := alloc.NewSharded(alloc.Limits{}, 2, nil)
	pidmap, _ := alloc.New(alloc.Limits{}, nil)
	for want, a := range map[byte]alloc.Allocator{0: pidmap, 2: sharded, 4: table} {
		if got := write(t, a)[5]; got != want {
			t.Errorf("%T: flags %d, want %d", a, got, want)
		}
	}
}

// A queue in disorder takes more bytes than any list in order, and is read.
func TestLongestQueue(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	const top = 1 << 17
	a, _ := alloc.NewTable(alloc.Limits{Max: top})
	for range top - 1 {
		a.Alloc()
	}
	for _, i := range r.Perm(top - 1) {
		a.Free(alloc.PID(i + 1))
	}
	file := write(t, a)
	if len(file) < 2*top {
		t.Fatalf("%d bytes: too few to tell", len(file))
	}
	b, err := snapshot.ReadMax(bytes.NewReader(file), top, newTable)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slices.Collect(b.(*alloc.Table[struct{}]).Queue()), slices.Collect(a.Queue())) {
		t.Error("another queue")
	}
}

// What Write says that it costs.
func TestMemoryOfWrite(t *testing.T) {
	const n = 1 << 20
	a, _ := alloc.New(alloc.Limits{Max: n}, nil)
	for range n - 1 {
		a.Alloc()
	}
	table, _ := alloc.NewTable(alloc.Limits{Max: n})
	table.AllocAt(n - 1)
	for what, c := range map[string]struct {
		a    alloc.Allocator
		most float64
	}{"pid in use": {a, 5.1}, "pid in a queue": {table, 24}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := snapshot.Write(io.Discard, c.a); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := float64(after.TotalAlloc-before.TotalAlloc) / n; got > c.most {
			t.Errorf("%.2f bytes a %s", got, what)
		}
	}
}

// changing is an allocator that hands a pid out while it is walked.
type changing struct{ alloc.Allocator }

func (c changing) Next(after alloc.PID) (alloc.PID, bool) {
	pid, ok := c.Allocator.Next(after)
	if !ok {
		c.Alloc()
	}
	return pid, ok
}

// What is handed out between the pids and Last lies behind Last, not before it.
func TestLastComesAfterThePids(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	for range 3 {
		a.Alloc()
	}
	b := read(t, write(t, changing{a}), newPidmap)
	if b.Last() != 4 || b.Len() != 3 {
		t.Errorf("Last %d, %d in use, want 4 and 3", b.Last(), b.Len())
	}
}

// A Shared is held while it is gathered: of two pids of which one is always in
// use, every snapshot has one.
func TestSharedIsOfOneMoment(t *testing.T) {
	const lo, hi = 1, 20_000 // so far apart that a walk of single words is long
	s, _ := alloc.NewShared(alloc.Limits{}, nil)
	for pid := alloc.PID(2); pid < hi; pid++ {
		s.AllocAt(pid)
	}
	s.AllocAt(lo)
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for from, to := alloc.PID(lo), alloc.PID(hi); ; from, to = to, from {
			select {
			case <-stop:
				return
			default:
				s.AllocAt(to)
				s.Free(from)
			}
		}
	}()
	for range 100 {
		file := write(t, s)
		b := read(t, file, newPidmap)
		first, _ := b.Next(0)
		_, last := b.Next(hi - 1)
		if first != lo && !last {
			t.Error("neither of the two is in use")
			break
		}
	}
	close(stop)
	<-done
}

// A Max above Linux's limit is read only by whoever says so.
func ExampleReadMax() {
	a, _ := alloc.New(alloc.Limits{Max: 1 << 30}, nil)
	_ = a.AllocAt(1000)
	var file bytes.Buffer
	if err := snapshot.Write(&file, a); err != nil {
		fmt.Println(err)
	}
	_, err := snapshot.Read(bytes.NewReader(file.Bytes()), newPidmap)
	fmt.Println(errors.Is(err, snapshot.ErrTooLarge))
	b, err := snapshot.ReadMax(&file, 1<<30, newPidmap)
	fmt.Println(b.Len(), err)
	// Output:
	// true
	// 1 <nil>
}
