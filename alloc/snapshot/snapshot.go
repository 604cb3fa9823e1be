// Package snapshot writes the state of an alloc.Allocator to a stream and makes
// an allocator of it again, of the same kind or of any other: limits, which
// pids are in use, the gate, and what says which pid comes next, so that a
// number freed just before the snapshot is not handed out at once after it.
//
// # What comes next
//
// An allocator goes on exactly as the one that was written if both are of the
// same kind: cyclic ones from Last; Sharded ones of the same number of shards
// from the cursor of each; a Table with its queue. Between kinds, the pids in
// use are exact and the order is as near as can be.
//
//   - A cyclic allocator goes on after Last, or after the last cursor if that is
//     0. What was a Table goes on with the number that the table would have
//     handed out next, and then by number: its Last is the number before that,
//     and a number freed lately may come soon, but not at once.
//   - A Table keeps Last, and lets the free pids after the place where a cyclic
//     allocator would go on come first, those up to it last. It is as long as
//     that takes.
//   - The shards of a Sharded take the cursors that lie in them, and what was a
//     Table starts where a cyclic allocator would: it may hand out a number
//     freed last, where that number is in a shard without a cursor, or where the
//     shard ends before the next.
//
// # Format
//
// One format for all kinds, version 1. Numbers are unsigned varints as in
// encoding/binary, in the shortest form; a list is its length and then its
// numbers; a sorted list has, for each number, by how much it exceeds the one
// before it, the first exceeding 0.
//
//	magic     4 bytes  "pidm"
//	version   1 byte   1
//	flags     1 byte   1: the gate is shut; 2: there are cursors; 4: there is a queue
//	max       varint   Limits.Max
//	reserved  varint   Limits.Reserved
//	last      varint   Last; 0 if none; with flag 2, 0 or one of the cursors
//	used      list     the pids in use, sorted
//	cursors   list     flag 2: the last pid of each shard that has one, sorted
//	queue     list     flag 4, and not 2: the free pids in the order in which they
//	                   will be handed out; with those in use they are 1, 2, 3 and
//	                   so on, each once, up to Max-1 or to one less than a power
//	                   of two from 64 on, or none. Each is its difference from the one before it,
//	                   zigzag: 2d for d >= 0, -2d-1 below
//	sum       4 bytes  CRC-32C of all that comes before, the lowest byte first
//
// Nothing follows. A state has one spelling. A pid in use costs a byte where the
// next is less than 128 away, two where less than 16,384.
package snapshot

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"

	"example.com/pidmap/alloc"
)

// Errors of Read. They come wrapped, with what was wrong; match them with
// errors.Is. Errors of the reader, of the constructor and of Write's writer come
// wrapped too.
var (
	ErrFormat    = errors.New("snapshot: not a snapshot")
	ErrVersion   = errors.New("snapshot: unknown version")
	ErrTruncated = errors.New("snapshot: cut short")
	ErrChecksum  = errors.New("snapshot: wrong checksum")
	ErrInvalid   = errors.New("snapshot: invalid")             // the sum is right, and what it covers is not; see Write
	ErrTooLarge  = errors.New("snapshot: Max is too large")    // see ReadMax
	ErrMismatch  = errors.New("snapshot: not a new allocator") // the constructor's fault
)

// Constructor makes an empty allocator with exactly these limits.
type Constructor func(alloc.Limits) (alloc.Allocator, error)

// The optional methods of allocators that have more to say of what comes next
// than Last: Table, Sharded, and Shared for what it guards.
type (
	queued interface {
		Queue() iter.Seq[alloc.PID]
		Requeue(last alloc.PID, order []alloc.PID) error
	}
	cursored interface {
		Cursors() []alloc.PID
		SetCursors(last alloc.PID, cursors []alloc.PID) error
	}
	guarded interface{ Do(func(alloc.Allocator)) }
)

// Write writes the state of a to w, in one call of w.Write. It gathers first, in
// O(Max/64 + pids) for a bitmap and five bytes of memory a pid in use, some
// more where pids are far apart and 23 for each in the queue of a Table,
// and writes then; an alloc.Shared is held while it gathers, and so the snapshot is
// of one moment. Whoever writes another allocator keeps it from changing
// meanwhile; of a Sharded that does change, the snapshot has every pid that
// stays, and each other as it was at some moment. It fails with ErrInvalid where
// a is nil or says of itself what Read would refuse, and with io.ErrShortWrite
// where w takes less and gives no error.
func Write(w io.Writer, a alloc.Allocator) error {
	var s state
	if err := inside(a, s.gather); err != nil {
		return err
	}
	file := s.append(make([]byte, 0, s.room()))
	n, err := w.Write(file)
	if err == nil && n < len(file) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// Read is ReadMax for a Max of up to alloc.PIDMaxLimit.
func Read(r io.Reader, new Constructor) (alloc.Allocator, error) {
	return ReadMax(r, alloc.PIDMaxLimit, new)
}

// ReadMax reads a snapshot from r, up to the end of r, makes an allocator with
// its limits by new, and brings it into the state that was written. It believes
// nothing: a file that was cut short, changed or made up gives one of the errors
// above, and no allocator.
//
// Its own memory is at most 16 times what it read, plus 1 KiB. But a short file
// may name a high pid, or a high Last to a Table, and what new makes then takes
// the memory that it takes for such a pid: at max = 4M, 0.5 MiB for a bitmap and
// 32 MiB for an alloc.Table, plus 24 MiB while its order is made. max bounds
// that: a snapshot with a larger Max gives ErrTooLarge before new is called. Of
// one that is longer than any within max, the rest is not read nor its sum
// checked, and what its Max says is believed.
// Where new is nil, or gives nothing and no error, that is ErrMismatch.
func ReadMax(r io.Reader, max alloc.PID, new Constructor) (alloc.Allocator, error) {
	most := longest(max)
	file, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	s, err := parse(file, max, int64(len(file)) > most)
	if err != nil {
		return nil, err
	}
	if new == nil {
		return nil, fmt.Errorf("%w: no constructor", ErrMismatch)
	}
	a, err := new(s.limits)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if isNil(a) || a.Limits() != s.limits || a.Len() != 0 || a.Terminating() {
		return nil, fmt.Errorf("%w, or not with limits %+v", ErrMismatch, s.limits)
	}
	if err := s.restore(a); err != nil {
		return nil, err
	}
	return a, nil
}

// isNil tells whether a is nil or a nil pointer.
func isNil(a alloc.Allocator) bool {
	v := reflect.ValueOf(a)
	return a == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// inside runs f on a, or on what a guards, under its lock. It fails as f does, and
// with ErrInvalid where there is nothing to run it on.
func inside(a alloc.Allocator, f func(alloc.Allocator) error) error {
	if isNil(a) {
		return fmt.Errorf("%w: no allocator", ErrInvalid)
	}
	g, ok := a.(guarded)
	if !ok {
		return f(a)
	}
	err := fmt.Errorf("%w: the allocator's Do does nothing", ErrInvalid)
	g.Do(func(a alloc.Allocator) { err = inside(a, f) })
	return err
}
