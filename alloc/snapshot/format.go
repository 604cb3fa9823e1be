package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"example.com/pidmap/alloc"
)

// How a state is spelled; see the package comment.

const (
	magic   = "pidm"
	version = 1
	sumSize = 4
	minSize = len(magic) + 1 + 1 + 4 + sumSize // flags, and four numbers of a byte

	flagShut    = 1
	flagCursors = 2
	flagQueue   = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// longest is more than any snapshot with a Max of up to max has bytes: one or
// less for each number that a sorted list may skip or hold, five for each in a
// queue. It has room for the four numbers in front, whatever max is.
func longest(most alloc.PID) int64 { return 64 + 7*int64(max(most, 0)) }

// append spells s at the end of b.
func (s *state) append(b []byte) []byte {
	start := len(b)
	b = append(append(b, magic...), version, s.flags())
	b = binary.AppendUvarint(b, uint64(s.limits.Max))
	b = binary.AppendUvarint(b, uint64(s.limits.Reserved))
	b = binary.AppendUvarint(b, uint64(s.last))
	b = appendSorted(b, s.used)
	if s.cursors != nil {
		b = appendSorted(b, s.cursors)
	}
	if s.queue != nil {
		b = appendQueue(b, s.queue)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// room is about how many bytes append needs: more only where gaps of 128 and more
// are many.
func (s *state) room() int { return 64 + len(s.used) + len(s.cursors)*3 + len(s.queue)*2 }

func (s *state) flags() byte {
	flags := byte(0)
	if s.shut {
		flags |= flagShut
	}
	if s.cursors != nil {
		flags |= flagCursors
	}
	if s.queue != nil {
		flags |= flagQueue
	}
	return flags
}

func appendSorted(b []byte, pids []alloc.PID) []byte {
	b = binary.AppendUvarint(b, uint64(len(pids)))
	before := alloc.PID(0)
	for _, pid := range pids {
		b = binary.AppendUvarint(b, uint64(pid-before))
		before = pid
	}
	return b
}

func appendQueue(b []byte, pids []alloc.PID) []byte {
	b = binary.AppendUvarint(b, uint64(len(pids)))
	before := alloc.PID(0)
	for _, pid := range pids {
		b = binary.AppendVarint(b, int64(pid-before))
		before = pid
	}
	return b
}

// parse reads the state that file spells, for a Max of up to max. That file was cut
// says that it is the beginning of one longer than any for such a Max.
func parse(file []byte, max alloc.PID, cut bool) (*state, error) {
	switch {
	case len(file) == 0 || len(file) < len(magic) && magic[:len(file)] == string(file):
		return nil, fmt.Errorf("%w after %d bytes", ErrTruncated, len(file))
	case len(file) < len(magic) || string(file[:len(magic)]) != magic:
		return nil, ErrFormat
	case len(file) > len(magic) && file[len(magic)] != version:
		return nil, fmt.Errorf("%w %d", ErrVersion, file[len(magic)])
	case len(file) < minSize:
		return nil, fmt.Errorf("%w after %d bytes", ErrTruncated, len(file))
	}
	body, sum := file[:len(file)-sumSize], file[len(file)-sumSize:]
	p := parser{rest: body[len(magic)+1:], max: max}
	s := p.state()
	switch {
	case crc32.Checksum(body, castagnoli) == binary.LittleEndian.Uint32(sum):
		return s, p.err
	case cut && errors.Is(p.err, ErrTooLarge): // no sum was read that could say more
		return nil, p.err
	case p.short && !cut:
		return nil, fmt.Errorf("%w after %d bytes", ErrTruncated, len(file))
	}
	return nil, ErrChecksum
}

// parser takes numbers off the front of rest. After an error it gives zeroes.
type parser struct {
	rest  []byte
	max   alloc.PID
	err   error
	short bool // there was not enough
}

// fail notes the first error.
func (p *parser) fail(err error, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s", err, fmt.Sprintf(format, args...))
	}
	p.rest = nil
}

// state takes a whole state, or nil after an error. It makes no list longer
// than what is left has bytes.
func (p *parser) state() *state {
	flags := p.rest[0]
	p.rest = p.rest[1:]
	if flags&^(flagShut|flagCursors|flagQueue) != 0 {
		p.fail(ErrInvalid, "flags %#x", flags)
	}
	s := &state{shut: flags&flagShut != 0, limits: p.limits()}
	s.last = p.pid("last", 0, s.limits.Max)
	s.used = p.sorted("used", s.limits.Max)
	if flags&flagCursors != 0 {
		s.cursors = p.sorted("cursors", s.limits.Max)
	}
	if flags&flagQueue != 0 {
		s.queue = p.queue()
	}
	if len(p.rest) != 0 {
		p.fail(ErrInvalid, "%d bytes too many", len(p.rest))
	}
	if p.err == nil {
		p.err = s.check()
	}
	if p.err != nil {
		return nil
	}
	return s
}

func (p *parser) limits() alloc.Limits {
	l := alloc.Limits{Max: p.pid("max", 2, 1<<30+1), Reserved: p.pid("reserved", 1, 1<<30)}
	if p.err != nil {
		return l
	}
	if _, err := l.Normalize(); err != nil {
		p.fail(ErrInvalid, "%v", err)
	} else if l.Max > p.max {
		p.fail(ErrTooLarge, "%d, and %d is allowed", l.Max, p.max)
	}
	return l
}

// number takes a varint in its shortest form.
func (p *parser) number(what string) uint64 {
	if p.err != nil {
		return 0
	}
	n, size := binary.Uvarint(p.rest)
	if size == 0 {
		p.short = true
	}
	if size <= 0 || size > 1 && p.rest[size-1] == 0 {
		p.fail(ErrInvalid, "%s: no number", what)
		return 0
	}
	p.rest = p.rest[size:]
	return n
}

// pid takes a number in [lo, hi).
func (p *parser) pid(what string, lo, hi alloc.PID) alloc.PID {
	n := p.number(what)
	if p.err == nil && (n < uint64(lo) || n >= uint64(hi)) {
		p.fail(ErrInvalid, "%s: %d is not in [%d, %d)", what, n, lo, hi)
	}
	if p.err != nil {
		return 0
	}
	return alloc.PID(n)
}

// length takes the length of a list: each of its numbers has a byte at least.
func (p *parser) length(what string) int {
	n := p.number(what)
	if n > uint64(len(p.rest)) {
		p.short = true
		p.fail(ErrInvalid, "%s: %d numbers in %d bytes", what, n, len(p.rest))
		return 0
	}
	return int(n)
}

// sorted takes a sorted list of pids in [1, end); not nil.
func (p *parser) sorted(what string, end alloc.PID) []alloc.PID {
	pids := make([]alloc.PID, p.length(what))
	before := alloc.PID(0)
	for i := range pids {
		pids[i] = before + p.pid(what, 1, end-before)
		before = pids[i]
	}
	return pids
}

// queue takes a list in any order; not nil.
func (p *parser) queue() []alloc.PID {
	pids := make([]alloc.PID, p.length("queue"))
	before := int64(0)
	for i := range pids {
		n := p.number("queue")
		pid := before + (int64(n>>1) ^ -int64(n&1))
		if p.err == nil && (pid < 1 || pid > 1<<30) {
			p.fail(ErrInvalid, "queue: %d is no pid", pid)
		}
		if p.err != nil {
			return nil
		}
		pids[i], before = alloc.PID(pid), pid
	}
	return pids
}
