package snapshot_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/alloc/snapshot"
)

// FuzzRead reads any bytes, as they are and with the sum put right: a named
// error, or an allocator that is written as the same bytes again.
func FuzzRead(f *testing.F) {
	for _, file := range files(f) {
		f.Add(file)
	}
	const max = 1 << 16
	kinds := backends.Allocators()
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, file := range [][]byte{file, sum(slices.Clone(file[:len(file)-min(len(file), 4)]))} {
			for _, kind := range kinds {
				a, err := snapshot.ReadMax(bytes.NewReader(file), max, kind.New)
				if err != nil {
					if a != nil || !slices.ContainsFunc(namedErrors, func(named error) bool { return errors.Is(err, named) }) {
						t.Fatalf("%s: %v, %v", kind.Name, a, err)
					}
					continue
				}
				again := write(t, a)
				b, err := snapshot.ReadMax(bytes.NewReader(again), max, kind.New)
				if err != nil {
					t.Fatalf("%s: written again: %v", kind.Name, err)
				}
				same(t, b, a)
				if !bytes.Equal(write(t, b), again) {
					t.Fatalf("%s: written twice, it is two files", kind.Name)
				}
				if file[5]&^1 == 0 && kind.Name == "tree" && !bytes.Equal(again, file) {
					t.Fatalf("%x was read, and written as %x", file, again)
				}
			}
		}
	})
}

// FuzzRoundTrip makes an allocator by a program of calls, two bytes each, and
// writes and reads it as each other kind.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint16(100), byte(0), []byte{0, 0, 0, 0, 1, 1, 2, 70})
	f.Add(uint16(300), byte(1), bytes.Repeat([]byte{0, 0}, 299))
	f.Add(uint16(5000), byte(2), []byte{2, 255, 3, 9, 0, 0, 4, 0})
	kinds := backends.Allocators()
	f.Fuzz(func(t *testing.T, top uint16, kind byte, program []byte) {
		l := alloc.Limits{Max: max(alloc.PID(top), 2)}
		from := kinds[int(kind)%len(kinds)]
		a, err := from.New(l)
		if err != nil {
			t.Fatal(err)
		}
		for ; len(program) >= 2; program = program[2:] {
			pid := alloc.PID(program[1]) * (l.Max/256 + 1)
			switch program[0] % 6 {
			case 0, 1:
				a.Alloc()
			case 2:
				a.AllocAt(pid)
			case 3:
				a.Free(pid)
			case 4:
				a.SetLast(pid)
			case 5:
				if program[1] == 255 {
					a.Terminate()
				}
			}
		}
		file := write(t, a)
		for _, to := range kinds {
			b := read(t, file, to.New)
			same(t, b, a)
			if to.Name == from.Name && (b.Last() != a.Last() || !bytes.Equal(write(t, b), file)) {
				t.Fatalf("%s: Last is %d, want %d; or another file", to.Name, b.Last(), a.Last())
			}
		}
	})
}
