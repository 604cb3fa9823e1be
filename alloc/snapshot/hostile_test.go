package snapshot_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.com/pidmap/alloc"
	"example.com/pidmap/alloc/backends"
	"example.com/pidmap/alloc/snapshot"
)

// number is spelled as a varint, a string as it is, a byte as itself.
type number uint64

// spell makes a file with the right magic, version and sum.
func spell(parts ...any) []byte {
	b := []byte("pidm\x01")
	for _, part := range parts {
		switch part := part.(type) {
		case number:
			b = binary.AppendUvarint(b, uint64(part))
		case byte:
			b = append(b, part)
		case string:
			b = append(b, part...)
		}
	}
	return sum(b)
}

func sum(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

var namedErrors = []error{
	snapshot.ErrFormat, snapshot.ErrVersion, snapshot.ErrTruncated, snapshot.ErrChecksum,
	snapshot.ErrInvalid, snapshot.ErrTooLarge,
}

// newOf gives the constructor of an allocator by its name.
func newOf(t testing.TB, name string) snapshot.Constructor {
	t.Helper()
	for _, a := range backends.Allocators() {
		if a.Name == name {
			return a.New
		}
	}
	t.Fatalf("no allocator %q", name)
	return nil
}

func TestHostile(t *testing.T) {
	const none, shards, queue = byte(0), byte(2), byte(4)
	huge := number(1<<64 - 1)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                  {nil, snapshot.ErrTruncated},
		"half of the magic":        {[]byte("pi"), snapshot.ErrTruncated},
		"another magic":            {sum([]byte("PIDM\x01\x00\x64\x01\x00\x00")), snapshot.ErrFormat},
		"short and other":          {[]byte("po"), snapshot.ErrFormat},
		"version 0":                {sum([]byte("pidm\x00\x00\x64\x01\x00\x00")), snapshot.ErrVersion},
		"version 2, short":         {[]byte("pidm\x02"), snapshot.ErrVersion},
		"an unknown flag":          {spell(byte(8), number(100), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"Max 1":                    {spell(none, number(1), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"Max 0, not filled in":     {spell(none, number(0), number(0), number(0), number(0)), snapshot.ErrInvalid},
		"Max beyond all":           {spell(none, number(1<<30+1), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"Max 1<<32":                {spell(none, number(1<<32+100), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"Max huge":                 {spell(none, huge, number(1), number(0), number(0)), snapshot.ErrInvalid},
		"Max more than allowed":    {spell(none, number(4<<20+1), number(1), number(0), number(0)), snapshot.ErrTooLarge},
		"Reserved 0":               {spell(none, number(100), number(0), number(0), number(0)), snapshot.ErrInvalid},
		"Reserved is Max":          {spell(none, number(100), number(100), number(0), number(0)), snapshot.ErrInvalid},
		"Last is Max":              {spell(none, number(100), number(1), number(100), number(0)), snapshot.ErrInvalid},
		"Last 1<<32":               {spell(none, number(100), number(1), number(1<<32), number(0)), snapshot.ErrInvalid},
		"a huge count":             {spell(none, number(100), number(1), number(0), huge), snapshot.ErrInvalid},
		"a large count":            {spell(none, number(4<<20), number(1), number(0), number(4<<20-1), number(1)), snapshot.ErrInvalid},
		"a count of one too many":  {spell(none, number(100), number(1), number(0), number(3), number(1), number(1)), snapshot.ErrInvalid},
		"a count of one too few":   {spell(none, number(100), number(1), number(0), number(1), number(1), number(1)), snapshot.ErrInvalid},
		"pid 0":                    {spell(none, number(100), number(1), number(0), number(1), number(0)), snapshot.ErrInvalid},
		"pid Max":                  {spell(none, number(100), number(1), number(0), number(1), number(100)), snapshot.ErrInvalid},
		"pids in the wrong order":  {spell(none, number(100), number(1), number(0), number(2), number(9), number(1<<64-3)), snapshot.ErrInvalid},
		"a pid twice":              {spell(none, number(100), number(1), number(0), number(2), number(9), number(0)), snapshot.ErrInvalid},
		"the sum wraps":            {spell(none, number(100), number(1), number(0), number(2), number(9), number(1<<32-3)), snapshot.ErrInvalid},
		"a long zero":              {spell(none, number(100), number(1), "\x80\x00", number(0)), snapshot.ErrInvalid},
		"a long one":               {spell(none, number(100), "\x81\x00", number(0), number(0)), snapshot.ErrInvalid},
		"a number without an end":  {spell(none, number(100), number(1), strings.Repeat("\xff", 20)), snapshot.ErrInvalid},
		"bytes after the end":      {spell(none, number(100), number(1), number(0), number(0), "more"), snapshot.ErrInvalid},
		"bytes after the sum":      {append(spell(none, number(100), number(1), number(0), number(0)), 0), snapshot.ErrChecksum},
		"two in one":               {slices.Repeat(spell(none, number(100), number(1), number(0), number(0)), 2), snapshot.ErrChecksum},
		"flag without cursors":     {spell(shards, number(100), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"cursor 0":                 {spell(shards, number(100), number(1), number(0), number(0), number(1), number(0)), snapshot.ErrInvalid},
		"cursor Max":               {spell(shards, number(100), number(1), number(0), number(0), number(1), number(100)), snapshot.ErrInvalid},
		"flag without queue":       {spell(queue, number(100), number(1), number(0), number(0)), snapshot.ErrInvalid},
		"queue with a pid twice":   {spell(queue, number(3), number(1), number(0), number(0), number(2), number(2), number(0)), snapshot.ErrInvalid},
		"queue with one in use":    {spell(queue, number(3), number(1), number(0), number(1), number(1), number(1), number(2)), snapshot.ErrInvalid},
		"queue with a gap":         {spell(queue, number(2), number(1), number(0), number(0), number(1), number(4)), snapshot.ErrInvalid},
		"queue below 1":            {spell(queue, number(100), number(1), number(0), number(0), number(1), number(1)), snapshot.ErrInvalid},
		"queue that wraps":         {spell(queue, number(100), number(1), number(0), number(0), number(1), huge), snapshot.ErrInvalid},
		"in use beyond the queue":  {spell(queue, number(100), number(1), number(0), number(1), number(70), number(62), strings.Repeat("\x02", 62)), snapshot.ErrInvalid},
		"queue of no table":        {spell(queue, number(100), number(1), number(0), number(0), number(2), number(2), number(2)), snapshot.ErrInvalid},
		"queue of a table too few": {spell(queue, number(100), number(1), number(0), number(0), number(62), strings.Repeat("\x02", 62)), snapshot.ErrInvalid},
		"cursors and a queue":      {spell(shards|queue, number(5), number(1), number(0), number(0), number(0), number(4), "\x02\x02\x02\x02"), snapshot.ErrInvalid},
		"Last without cursors":     {spell(shards, number(10), number(1), number(3), number(0), number(0)), snapshot.ErrInvalid},
		"Last is no cursor":        {spell(shards, number(10), number(1), number(3), number(0), number(1), number(4)), snapshot.ErrInvalid},
		"cursors do not ascend":    {spell(shards, number(10), number(1), number(3), number(0), number(2), number(3), number(0)), snapshot.ErrInvalid},
		"one number too many":      {spell(none, number(100), number(1), number(0), number(2), number(1)), snapshot.ErrInvalid},
		"a queue of a huge length": {spell(queue, number(100), number(1), number(0), number(0), huge), snapshot.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []string{"tree", "table", "sharded"} {
				a, err := snapshot.Read(bytes.NewReader(c.file), newOf(t, kind))
				if !errors.Is(err, c.want) || a != nil {
					t.Fatalf("%s: %v, %v; want %v", kind, a, err, c.want)
				}
			}
		})
	}
}

// files gives snapshots of a few kinds and sizes.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, kind := range []string{"tree", "table", "sharded"} {
		for _, calls := range []int{0, 3, 400} {
			a, err := newOf(t, kind)(alloc.Limits{Max: 300, Reserved: 5})
			if err != nil {
				t.Fatal(err)
			}
			churn(t, a, rand.New(rand.NewPCG(1, 2)), calls)
			files[kind+strings.Repeat("+", calls/3)] = write(t, a)
		}
	}
	return files
}

func TestCutShort(t *testing.T) {
	for name, file := range files(t) {
		for n := range file {
			if a, err := snapshot.Read(bytes.NewReader(file[:n]), newOf(t, "tree")); !errors.Is(err, snapshot.ErrTruncated) || a != nil {
				t.Fatalf("%s, %d of %d bytes: %v, %v", name, n, len(file), a, err)
			}
		}
	}
}

// TestChanged changes every bit, and every byte to some others.
func TestChanged(t *testing.T) {
	for name, file := range files(t) {
		for i := range file {
			for _, x := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
				bad := slices.Clone(file)
				bad[i] ^= x
				a, err := snapshot.Read(bytes.NewReader(bad), newOf(t, "tree"))
				if a != nil || !slices.ContainsFunc(namedErrors, func(named error) bool { return errors.Is(err, named) }) {
					t.Fatalf("%s, byte %d of %d changed: %v, %v", name, i, len(file), a, err)
				}
			}
		}
	}
}

// TestMemory reads what promises much and holds little.
func TestMemory(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		kind string
		most uint64 // bytes allocated
	}{
		"huge count":     {spell(byte(0), number(4<<20), number(1), number(0), number(1<<62)), "tree", 4 << 10},
		"large count":    {spell(byte(0), number(4<<20), number(1), number(0), number(4<<20-1)), "tree", 4 << 10},
		"count beyond":   {spell(byte(0), number(4<<20), number(1), number(0), number(100_001), strings.Repeat("\x01", 100_000)), "tree", 500 << 10},
		"huge queue":     {spell(byte(4), number(4<<20), number(1), number(0), number(0), number(4<<20-1)), "table", 4 << 10},
		"huge Max":       {spell(byte(0), number(1<<30), number(1), number(0), number(1), number(1<<30-1)), "table", 4 << 10},
		"no pids":        {spell(byte(0), number(4<<20), number(1), number(4<<20-1), number(0)), "tree", 8 << 10},
		"no pids, table": {spell(byte(0), number(4<<20), number(1), number(0), number(0)), "table", 8 << 10},
		"a high Last":    {spell(byte(0), number(4<<20), number(1), number(4<<20-1), number(0)), "table", 57 << 20},
		"one low pid":    {spell(byte(0), number(4<<20), number(1), number(0), number(1), number(1)), "tree", 680 + 512},
		"one high pid":   {spell(byte(0), number(4<<20), number(1), number(0), number(1), number(4<<20-1)), "tree", 1 << 20},
		"100 kB of ones": {spell(byte(0), number(4<<20), number(1), number(0), number(100_000), strings.Repeat("\x01", 100_000)), "tree", 1600 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			new := newOf(t, c.kind)
			got := ^uint64(0)
			for range 5 { // the least: the runtime allocates meanwhile
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				snapshot.Read(bytes.NewReader(c.file), new)
				runtime.ReadMemStats(&after)
				got = min(got, after.TotalAlloc-before.TotalAlloc)
			}
			if got > c.most {
				t.Errorf("%d bytes for a file of %d", got, len(c.file))
			}
		})
	}
}

// TestMaxIsTheReaders reads a large Max where that is allowed, and an endless
// stream up to what no snapshot exceeds.
func TestMaxIsTheReaders(t *testing.T) {
	a, _ := alloc.New(alloc.Limits{Max: 1 << 30}, nil)
	a.AllocAt(1000)
	file := write(t, a)
	if _, err := snapshot.Read(bytes.NewReader(file), newOf(t, "tree")); !errors.Is(err, snapshot.ErrTooLarge) {
		t.Errorf("Read: %v", err)
	}
	b, err := snapshot.ReadMax(bytes.NewReader(file), 1<<30, newOf(t, "tree"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, b, a)
	endless := &counting{r: zeroes{}}
	if _, err := snapshot.ReadMax(io.MultiReader(bytes.NewReader([]byte("pidm\x01")), endless), 1000, newOf(t, "tree")); err == nil || endless.n > 8000 {
		t.Errorf("an endless stream: %v after %d bytes", err, endless.n)
	}
	for _, max := range []alloc.PID{-1 << 31, -1, 0, 1, 1<<31 - 1} {
		if _, err := snapshot.ReadMax(bytes.NewReader(file), max, newOf(t, "tree")); (err == nil) != (max > 1<<30) {
			t.Errorf("max %d: %v", max, err)
		}
	}
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}
