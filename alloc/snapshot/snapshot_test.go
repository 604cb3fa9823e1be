package snapshot_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/alloc/snapshot"
)

// churn gives a a past: it fills it to about half, more or less.
func churn(t testing.TB, a alloc.Allocator, r *rand.Rand, calls int) {
	t.Helper()
	var live []alloc.PID
	for range calls {
		switch i := r.IntN(len(live) + 1); {
		case i < len(live) && r.IntN(5) < 2:
			if err := a.Free(live[i]); err != nil {
				t.Fatal(err)
			}
			live = slices.Delete(live, i, i+1)
		case r.IntN(20) == 0:
			if pid := alloc.PID(1 + r.IntN(int(a.Limits().Max)-1)); a.AllocAt(pid) == nil {
				live = append(live, pid)
			}
		default:
			if pid, err := a.Alloc(); err == nil {
				live = append(live, pid)
			}
		}
	}
}

func write(t testing.TB, a alloc.Allocator) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := snapshot.Write(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, file []byte, new snapshot.Constructor) alloc.Allocator {
	t.Helper()
	a, err := snapshot.Read(bytes.NewReader(file), new)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func pids(a alloc.Allocator) []alloc.PID {
	var pids []alloc.PID
	for pid, ok := a.Next(0); ok; pid, ok = a.Next(pid) {
		pids = append(pids, pid)
	}
	return pids
}

// same compares what every allocator tells of itself.
func same(t testing.TB, got, want alloc.Allocator) {
	t.Helper()
	if got.Limits() != want.Limits() || got.Len() != want.Len() || got.Terminating() != want.Terminating() {
		t.Fatalf("limits %+v, %d in use, terminating %t; want %+v, %d, %t", got.Limits(), got.Len(), got.Terminating(), want.Limits(), want.Len(), want.Terminating())
	}
	if got, want := pids(got), pids(want); !slices.Equal(got, want) {
		t.Fatalf("in use: %d, want %d", got, want)
	}
}

var limits = []alloc.Limits{{}, {Max: 2}, {Max: 64}, {Max: 65, Reserved: 10}, {Max: 129}, {Max: 1000, Reserved: 1}, {Max: 200_000}}

// TestGoesOn writes each allocator and reads it as the same kind: from then on
// both answer alike.
func TestGoesOn(t *testing.T) {
	for _, kind := range backends.Allocators() {
		t.Run(kind.Name, func(t *testing.T) {
			for n, l := range limits {
				for _, calls := range []int{0, 1, 50, 5000} {
					r := rand.New(rand.NewPCG(uint64(n), uint64(calls)))
					a, err := kind.New(l)
					if err != nil {
						t.Fatal(err)
					}
					churn(t, a, r, calls)
					file := write(t, a)
					b := read(t, file, kind.New)
					same(t, b, a)
					if !bytes.Equal(write(t, b), file) {
						t.Fatalf("%+v: written again it is another file", l)
					}
					goOn(t, a, b, r)
				}
			}
		})
	}
}

// goOn makes the same calls on both and compares the answers.
func goOn(t *testing.T, a, b alloc.Allocator, r *rand.Rand) {
	t.Helper()
	if a.Last() != b.Last() {
		t.Fatalf("Last is %d, want %d", b.Last(), a.Last())
	}
	for range 300 {
		if pid := alloc.PID(r.IntN(int(a.Limits().Max))); r.IntN(3) == 0 {
			if want, got := a.Free(pid), b.Free(pid); got != want {
				t.Fatalf("Free(%d) = %v, want %v", pid, got, want)
			}
			continue
		}
		want, wantErr := a.Alloc()
		if got, err := b.Alloc(); got != want || err != wantErr {
			t.Fatalf("Alloc() = %d, %v, want %d, %v", got, err, want, wantErr)
		}
	}
}

// TestAnyToAny writes each allocator and reads it as each other kind.
func TestAnyToAny(t *testing.T) {
	for _, from := range backends.Allocators() {
		a, err := from.New(alloc.Limits{Max: 3000})
		if err != nil {
			t.Fatal(err)
		}
		churn(t, a, rand.New(rand.NewPCG(1, 1)), 2000)
		a.Terminate()
		file := write(t, a)
		for _, to := range backends.Allocators() {
			t.Run(from.Name+" to "+to.Name, func(t *testing.T) {
				b := read(t, file, to.New)
				same(t, b, a)
				wasTable := strings.HasPrefix(from.Name, "table") && !strings.HasPrefix(to.Name, "table")
				if b.Last() != a.Last() && !wasTable { // see TestTableToCyclic
					t.Errorf("Last is %d, want %d", b.Last(), a.Last())
				}
				if _, err := b.Alloc(); err != alloc.ErrTerminating {
					t.Errorf("Alloc() = %v, and the gate was shut", err)
				}
			})
		}
	}
}

// TestFreedIsNotReusedAtOnce frees the last pids, and sees that a restored
// allocator of whatever kind hands out others first.
func TestFreedIsNotReusedAtOnce(t *testing.T) {
	for _, from := range backends.Allocators() {
		a, err := from.New(alloc.Limits{Max: 2000, Reserved: 1})
		if err != nil {
			t.Fatal(err)
		}
		var last []alloc.PID
		for range 500 {
			pid, err := a.Alloc()
			if err != nil {
				t.Fatal(err)
			}
			last = append(last, pid)
		}
		for _, pid := range last[480:] {
			a.Free(pid)
		}
		for _, to := range backends.Allocators() {
			b := read(t, write(t, a), to.New)
			for range 11 { // 512 entries less 500 are 11: a Table grows then
				if pid, err := b.Alloc(); err != nil || slices.Contains(last[480:], pid) {
					t.Errorf("%s to %s: Alloc() = %d, %v", from.Name, to.Name, pid, err)
				}
			}
		}
	}
}

// TestShardsGoOn writes a Sharded whose shards stand at different places, and
// reads it with the same number of shards, with others, and as something else.
func TestShardsGoOn(t *testing.T) {
	make := func(n int) snapshot.Constructor {
		return func(l alloc.Limits) (alloc.Allocator, error) { return alloc.NewSharded(l, n, nil) }
	}
	a, _ := alloc.NewSharded(alloc.Limits{Max: 4001, Reserved: 1}, 4, nil)
	for i := range 4 {
		l := a.Local()
		for range 100 * i { // the first shard hands out nothing
			l.Alloc()
		}
	}
	b := read(t, write(t, a), make(4)).(*alloc.Sharded)
	same(t, b, a)
	if got, want := b.Cursors(), a.Cursors(); !slices.Equal(got, want) || !slices.Equal(want, []alloc.PID{1100, 2200, 3300}) {
		t.Errorf("cursors %d, want %d", got, want)
	}
	for _, n := range []int{1, 2, 3, 16} {
		b := read(t, write(t, a), make(n)).(*alloc.Sharded)
		same(t, b, a)
		for _, pid := range b.Cursors() {
			if !slices.Contains(a.Cursors(), pid) {
				t.Errorf("%d shards: a cursor at %d", n, pid)
			}
		}
	}
	c := read(t, write(t, a), backends.Allocators()[0].New)
	same(t, c, a)
	if c.Last() != 3300 {
		t.Errorf("Last is %d", c.Last())
	}
}

// TestGolden pins what a snapshot looks like: change it only with the version.
func TestGolden(t *testing.T) {
	tab, _ := alloc.NewTable(alloc.Limits{Max: 6, Reserved: 2})
	for range 5 {
		tab.Alloc()
	}
	tab.Free(4)
	tab.Free(2)
	tab.Terminate()
	want := strings.Join([]string{
		"7069646d", "01", "05", // magic, version, shut and with a queue
		"06", "02", "05", // Max, Reserved, Last
		"03", "01", "02", "02", // 1, 3, 5
		"02", "08", "03", // 4, then 2
	}, "")
	got := write(t, tab)
	if got := hex.EncodeToString(got[:len(got)-4]); got != want {
		t.Errorf("the body is\n%s, want\n%s", got, want)
	}
	if got := hex.EncodeToString(got[len(got)-4:]); got != "15cc1671" {
		t.Errorf("the sum is %s", got)
	}
	a := read(t, got, backends.Allocators()[0].New)
	same(t, a, tab)
}

func TestErrorsOfOthersComeThrough(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	broken := errors.New("broken")
	if err := snapshot.Write(failing{broken}, a); !errors.Is(err, broken) {
		t.Errorf("Write: %v", err)
	}
	if _, err := snapshot.Read(iotest.ErrReader(broken), backends.Allocators()[0].New); !errors.Is(err, broken) {
		t.Errorf("Read: %v", err)
	}
	file := write(t, a)
	refuse := func(alloc.Limits) (alloc.Allocator, error) { return nil, broken }
	if a, err := snapshot.Read(bytes.NewReader(file), refuse); !errors.Is(err, broken) || a != nil {
		t.Errorf("Read: %v, %v", a, err)
	}
	for name, new := range map[string]snapshot.Constructor{
		"nothing":      func(alloc.Limits) (alloc.Allocator, error) { return nil, nil },
		"other limits": func(alloc.Limits) (alloc.Allocator, error) { return alloc.New(alloc.Limits{Max: 99}, nil) },
		"not empty": func(l alloc.Limits) (alloc.Allocator, error) {
			a, err := alloc.New(l, nil)
			a.Alloc()
			return a, err
		},
		"shut": func(l alloc.Limits) (alloc.Allocator, error) {
			a, err := alloc.New(l, nil)
			a.Terminate()
			return a, err
		},
	} {
		if a, err := snapshot.Read(bytes.NewReader(file), new); !errors.Is(err, snapshot.ErrMismatch) || a != nil {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// lying is an allocator whose walk goes backwards.
type lying struct{ alloc.Allocator }

func (lying) Next(after alloc.PID) (alloc.PID, bool) { return 5, true }

func TestWriteEndsOnANonsensicalWalk(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{}, nil)
	if err := snapshot.Write(io.Discard, lying{a}); !errors.Is(err, snapshot.ErrInvalid) {
		t.Errorf("Write: %v", err)
	}
}

// TestUnderFire writes allocators that are at work: the snapshot reads back,
// and has the pids that stay.
func TestUnderFire(t *testing.T) {
	for _, kind := range backends.Allocators() {
		if !strings.HasSuffix(kind.Name, "+shared") && kind.Name != "sharded" {
			continue
		}
		t.Run(kind.Name, func(t *testing.T) {
			a, err := kind.New(alloc.Limits{Max: 1000, Reserved: 1})
			if err != nil {
				t.Fatal(err)
			}
			anchors := []alloc.PID{1, 64, 500, 999}
			for _, pid := range anchors {
				a.AllocAt(pid)
			}
			stop, done := make(chan bool), make(chan bool)
			go func() {
				defer close(done)
				for {
					select {
					case <-stop:
						return
					default:
						if pid, err := a.Alloc(); err == nil {
							a.Free(pid)
						}
					}
				}
			}()
			for range 200 {
				b := read(t, write(t, a), kind.New)
				for _, pid := range anchors {
					if got, ok := b.Next(pid - 1); !ok || got != pid {
						t.Errorf("%d is not in the snapshot", pid)
					}
				}
			}
			close(stop)
			<-done
		})
	}
}

func ExampleWrite() {
	table, _ := alloc.NewTable(alloc.Limits{})
	for range 3 {
		table.Alloc()
	}
	table.Free(2)

	var file bytes.Buffer
	if err := snapshot.Write(&file, table); err != nil {
		fmt.Println(err)
	}
	again, err := snapshot.Read(&file, func(l alloc.Limits) (alloc.Allocator, error) {
		return alloc.NewShared(l, nil) // another kind: a bitmap behind a mutex
	})
	if err != nil {
		fmt.Println(err)
	}
	pid, _ := again.Alloc()
	fmt.Println("in use:", pids(again), "next came", pid)
	// Output: in use: [1 3 4] next came 4
}
