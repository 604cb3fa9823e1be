package snapshot_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/snapshot"
)

// longFile gives a snapshot of 30,000 pids, Max 32,768: longer than any with a Max
// of a few thousand.
func longFile(t *testing.T) []byte {
	t.Helper()
	a, _ := alloc.New(alloc.Limits{}, nil)
	for range 30_000 {
		if _, err := a.Alloc(); err != nil {
			t.Fatal(err)
		}
	}
	return write(t, a)
}

// TestTooLargeWhateverItsLength reads a file that the bound cuts, as long as the
// bound lets it be, and shorter: with a Max above the bound, each is too large.
func TestTooLargeWhateverItsLength(t *testing.T) {
	file := longFile(t)
	edge := alloc.PID(len(file)-64) / 7 // the file is longer than 64+7*edge, by less than 7
	uncalled := func(alloc.Limits) (alloc.Allocator, error) {
		t.Error("the constructor was called")
		return nil, nil
	}
	for _, max := range []alloc.PID{-1 << 31, -100, -1, 0, 1, 2, 100, 4000, edge - 1, edge, edge + 1, 32767} {
		if a, err := snapshot.ReadMax(bytes.NewReader(file), max, uncalled); !errors.Is(err, snapshot.ErrTooLarge) || a != nil {
			t.Errorf("max %d: %v, %v", max, a, err)
		}
	}
	a, err := snapshot.ReadMax(bytes.NewReader(file), 32768, newPidmap)
	if err != nil || a.Len() != 30_000 {
		t.Errorf("max 32768: %v", err)
	}
}

// TestDamagedIsNotTooLarge changes bytes of files whose Max is within the bound,
// behind the numbers in front, and makes them longer than the bound has it: the sum is wrong.
func TestDamagedIsNotTooLarge(t *testing.T) {
	file := longFile(t)
	for i := 20; i < len(file); i += 997 {
		bad := slices.Clone(file)
		bad[i] ^= 3 // 1 becomes 2, of one byte as well
		if a, err := snapshot.ReadMax(bytes.NewReader(bad), 32768, newPidmap); !errors.Is(err, snapshot.ErrChecksum) || a != nil {
			t.Errorf("byte %d: %v, %v", i, a, err)
		}
	}
	for name, tail := range map[string][]byte{
		"zeroes":     make([]byte, 64+7*32768),
		"twice":      slices.Repeat(file, 10),
		"long count": append(spell(byte(0), number(32768), number(1), number(0), number(1<<40)), make([]byte, 64+7*32768)...),
	} {
		bad := tail
		if name != "long count" {
			bad = slices.Concat(file, tail)
		}
		if a, err := snapshot.ReadMax(bytes.NewReader(bad), 32768, newPidmap); !errors.Is(err, snapshot.ErrChecksum) || a != nil {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}
