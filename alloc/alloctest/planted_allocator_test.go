package alloctest

import (
	"errors"
	"testing"

	"example.com/pidmap/alloc"
)

// paper is an allocator over a Model, right but for its flaw. It is written
// apart from alloc.Pidmap, so that each rule can be broken alone.
type paper struct {
	*Model
	flaw   string
	l      alloc.Limits
	given  alloc.Limits
	last   alloc.PID
	hidden alloc.PID // a second cursor, for flaws that cannot be seen at once
	shut   bool
}

// planted makes allocators with the flaw; none has the empty one.
func planted(flaw string) allocatorFunc {
	var one *paper
	return func(given alloc.Limits) (alloc.Allocator, error) {
		l, err := given.Normalize()
		if flaw == "Reserved is 300 by default, whatever Max" && given.Reserved == 0 {
			l.Reserved, err = 300, nil
		}
		if flaw == "a Reserved of Max is accepted" && given.Reserved == given.Max && given.Max > 1 {
			l, err = given, nil
		}
		if flaw == "the largest Max is refused" && l.Max == 1<<30 {
			err = alloc.ErrRange
		}
		if err != nil {
			return nil, err
		}
		if flaw == "all are one" && one != nil {
			return one, nil
		}
		set := newModel(l)
		if flaw == "Max is handed out" {
			set.max++
		}
		one = &paper{Model: set, flaw: flaw, l: l, given: given}
		return one, nil
	}
}

func (p *paper) Alloc() (alloc.PID, error) {
	if p.shut && p.flaw != "Alloc does not look at the gate" && (p.flaw != "full before terminating" || p.n < int(p.max-1)) {
		return 0, alloc.ErrTerminating
	}
	pid, ok := p.pick()
	if !ok || p.flaw == "full one too early" && p.n == int(p.max-2) {
		switch p.flaw {
		case "full moves Last":
			p.last = p.max - 1
		case "full moves the cursor":
			p.hidden = 1
		case "full takes a pid":
			p.Take(1)
		case "full is an error of its own":
			return 0, errors.New("no free pid")
		}
		return 0, alloc.ErrFull
	}
	p.Take(pid)
	if p.flaw != "Last stays 0" {
		p.last = pid
	}
	p.hidden = 0
	return pid, nil
}

// pick gives the pid that comes next.
func (p *paper) pick() (alloc.PID, bool) {
	lo, reserved, end, wrapEnd := p.last+1, p.l.Reserved, p.max, p.last+1
	if p.hidden != 0 {
		lo = p.hidden
	}
	switch p.flaw {
	case "starts at Last":
		lo = max(p.last, 1)
	case "starts at 1":
		lo = 1
	case "begins at Reserved":
		lo = max(lo, reserved)
	case "Max-1 is never handed out":
		end--
	case "wraps to 1":
		reserved = 1
	case "wraps to Reserved+1":
		reserved++
	case "Last is not tried after a wrap":
		wrapEnd--
	case "Last is not tried where it is Reserved":
		if p.last == reserved {
			wrapEnd--
		}
	case "does not wrap":
		wrapEnd = 0
	case "wraps before the end":
		end = end &^ 63
	}
	if pid, ok := p.firstFree(lo, end); ok {
		return pid, true
	}
	if p.flaw == "Last below Reserved is tried" && p.last < reserved {
		reserved = p.last
	}
	return p.firstFree(reserved, wrapEnd)
}

func (p *paper) AllocAt(pid alloc.PID) error {
	if !p.holds(pid) {
		switch p.flaw {
		case "AllocAt out of range moves Last":
			p.last = 1
		case "AllocAt out of range is in use":
			return alloc.ErrInUse
		}
		return alloc.ErrRange
	}
	if p.shut && p.flaw != "AllocAt does not look at the gate" {
		return alloc.ErrTerminating
	}
	if p.taken(pid) {
		switch p.flaw {
		case "AllocAt of a pid in use takes another":
			_, err := p.Alloc()
			return err
		case "AllocAt of a pid in use takes another and fails":
			_, _ = p.TakeFirst(1, p.max)
		case "AllocAt of a pid in use succeeds":
			return nil
		case "AllocAt of a pid in use frees it":
			p.Release(pid)
		}
		return alloc.ErrInUse
	}
	p.Take(pid)
	if p.flaw == "AllocAt moves Last" {
		p.last = pid
	}
	return nil
}

func (p *paper) Free(pid alloc.PID) error {
	if !p.holds(pid) {
		if p.flaw == "Free out of range is not in use" {
			return alloc.ErrNotInUse
		}
		return alloc.ErrRange
	}
	if p.shut && p.flaw == "Free fails after Terminate" {
		return alloc.ErrTerminating
	}
	switch p.flaw {
	case "Free moves Last":
		p.last = pid - 1
	case "Free of a free pid moves the cursor":
		if !p.taken(pid) {
			p.hidden = pid
		}
	case "Free twice succeeds":
		p.Release(pid)
		return nil
	case "Free does nothing":
		if p.taken(pid) {
			return nil
		}
	}
	if !p.Release(pid) {
		return alloc.ErrNotInUse
	}
	return nil
}

func (p *paper) Next(after alloc.PID) (alloc.PID, bool) {
	switch {
	case p.flaw == "Next includes after" && p.holds(after) && p.taken(after):
		return after, true
	case p.flaw == "Next sees nothing after Terminate" && p.shut:
		return 0, false
	case p.flaw == "Next of a negative number is the end" && after < 0:
		return 0, false
	}
	return p.Model.Next(after)
}

// NextN is there in one flaw only; else it is what it should be.
func (p *paper) NextN(after alloc.PID, dst []alloc.PID) int {
	n := len(nextByNext(p, after, dst))
	if p.flaw == "NextN is one short" && n > 1 {
		n--
	}
	return n
}

func (p *paper) Last() alloc.PID { return p.last }

func (p *paper) SetLast(pid alloc.PID) error {
	switch {
	case p.flaw == "SetLast takes Max" && pid == p.max:
		return nil
	case p.flaw == "SetLast refuses 0" && pid == 0:
		return alloc.ErrRange
	case p.flaw == "SetLast takes what is negative" && pid < 0:
		return nil
	case p.flaw == "SetLast does nothing" && pid >= 0 && pid < p.max:
		return nil
	case p.flaw == "SetLast is unsupported":
		return alloc.ErrUnsupported
	}
	if pid < 0 || pid >= p.max {
		if p.flaw == "SetLast out of range cuts" {
			p.last = min(max(pid, 0), p.max-1)
		}
		return alloc.ErrRange
	}
	p.last, p.hidden = pid, 0
	return nil
}

func (p *paper) Limits() alloc.Limits {
	if p.flaw == "Limits are as given" {
		return p.given
	}
	return p.l
}

func (p *paper) Terminate() {
	switch p.flaw {
	case "Terminate frees all":
		*p.Model = *newModel(p.l)
	case "Terminate twice opens again":
		p.shut = !p.shut
		return
	case "Terminate does nothing":
		return
	}
	p.shut = true
}

func (p *paper) Terminating() bool { return p.shut && p.flaw != "Terminating is false" }

// Undo is Pidmap's.
func (p *paper) Undo(pid, last alloc.PID) error {
	if (last < 0 || last >= p.max) && p.flaw != "Undo takes any Last" {
		return alloc.ErrRange
	}
	if err := p.Free(pid); err != nil {
		if p.flaw == "Undo of a free pid moves Last" {
			p.last = last
		}
		return err
	}
	if p.last == pid && p.flaw != "Undo leaves Last" || p.flaw == "Undo moves Last whatever came since" {
		p.last = last
	}
	return nil
}

// plantedAllocator is a flaw and the cases that must see it.
type plantedAllocator struct {
	flaw  string
	cases []string
}

var plantedAllocators = []plantedAllocator{
	{"Reserved is 300 by default, whatever Max", []string{"limits/zero_means_the_defaults"}},
	{"a Reserved of Max is accepted", []string{"limits/out_of_range_refused"}},
	{"Limits are as given", []string{"limits/zero_means_the_defaults"}},
	{"Max is handed out", []string{"full/every_pid_once_and_then_full", "range/alloc_at_and_free"}},
	{"Max-1 is never handed out", []string{"full/every_pid_once_and_then_full", "cyclic/seams_of_the_wrap", "seams/fill_drain_refill"}},
	{"starts at Last", []string{"cyclic/smallest_free_after_last", "cyclic/consecutive_pids_differ"}},
	{"starts at 1", []string{"cyclic/smallest_free_after_last", "cyclic/low_pids_are_not_reused_after_a_wrap", "cyclic/consecutive_pids_differ"}},
	{"begins at Reserved", []string{"cyclic/new_map_hands_out_1_first", "full/every_pid_once_and_then_full"}},
	{"wraps to 1", []string{"cyclic/wraps_to_reserved", "cyclic/low_pids_are_not_reused_after_a_wrap"}},
	{"wraps to Reserved+1", []string{"cyclic/wraps_to_reserved", "cyclic/full_exactly_when_both_ranges_are", "cyclic/last_is_reserved_and_the_only_free_pid"}},
	{"Last is not tried after a wrap", []string{"cyclic/last_is_the_only_free_pid", "cyclic/last_is_reserved_and_the_only_free_pid", "cyclic/full_exactly_when_both_ranges_are"}},
	{"Last is not tried where it is Reserved", []string{"cyclic/last_is_reserved_and_the_only_free_pid", "cyclic/full_exactly_when_both_ranges_are"}},
	{"Last below Reserved is tried", []string{"cyclic/last_below_reserved_is_not_reused", "cyclic/full_exactly_when_both_ranges_are"}},
	{"Last stays 0", []string{"cyclic/new_map_hands_out_1_first", "cyclic/smallest_free_after_last", "random/programs"}},
	{"does not wrap", []string{"full/what_is_freed_comes_again", "cyclic/wraps_to_reserved", "seams/fill_drain_refill"}},
	{"wraps before the end", []string{"full/every_pid_once_and_then_full", "cyclic/seams_of_the_wrap"}},
	{"full one too early", []string{"full/every_pid_once_and_then_full", "cyclic/full_exactly_when_both_ranges_are"}},
	{"full moves Last", []string{"failure/changes_nothing", "random/programs"}},
	{"full moves the cursor", []string{"random/programs"}},
	{"full takes a pid", []string{"cyclic/low_pids_are_not_reused_after_a_wrap"}},
	{"full is an error of its own", []string{"full/every_pid_once_and_then_full"}},
	{"full before terminating", []string{"terminate/before_full"}},
	{"AllocAt out of range moves Last", []string{"failure/changes_nothing", "failure/leaves_the_order"}},
	{"AllocAt out of range is in use", []string{"range/alloc_at_and_free"}},
	{"AllocAt does not look at the gate", []string{"terminate/alloc_fails", "failure/changes_nothing"}},
	{"AllocAt of a pid in use takes another", []string{"alloc_at/claims", "failure/changes_nothing"}},
	{"AllocAt of a pid in use takes another and fails", []string{"alloc_at/claims", "failure/changes_nothing", "failure/leaves_the_order", "random/programs"}},
	{"AllocAt of a pid in use succeeds", []string{"alloc_at/claims"}},
	{"AllocAt of a pid in use frees it", []string{"alloc_at/claims", "failure/changes_nothing"}},
	{"AllocAt moves Last", []string{"alloc_at/does_not_move_last", "random/programs"}},
	{"Free out of range is not in use", []string{"range/alloc_at_and_free"}},
	{"Free fails after Terminate", []string{"terminate/free_works"}},
	{"Free moves Last", []string{"cyclic/smallest_free_after_last", "failure/changes_nothing"}},
	{"Free of a free pid moves the cursor", []string{"failure/leaves_the_order", "random/programs"}},
	{"Free twice succeeds", []string{"free/twice_is_not_in_use", "new/is_empty"}},
	{"Free does nothing", []string{"free/twice_is_not_in_use", "alloc_at/claims"}},
	{"Next includes after", []string{"next/ascending_from_anywhere", "alloc_at/claims"}},
	{"Next of a negative number is the end", []string{"next/odd_input"}},
	{"Next sees nothing after Terminate", []string{"terminate/what_is_held_stays_visible"}},
	{"NextN is one short", []string{"next_n/equals_next", "next_n/stays_within_dst"}},
	{"SetLast takes Max", []string{"range/set_last"}},
	{"SetLast refuses 0", []string{"range/set_last", "cyclic/set_last_moves_the_cursor"}},
	{"SetLast takes what is negative", []string{"range/set_last"}},
	{"SetLast does nothing", []string{"range/set_last", "cyclic/set_last_moves_the_cursor"}},
	{"SetLast is unsupported", []string{"range/set_last"}},
	{"SetLast out of range cuts", []string{"range/set_last", "failure/changes_nothing", "failure/leaves_the_order"}},
	{"Alloc does not look at the gate", []string{"terminate/alloc_fails", "terminate/before_full", "terminate/free_works"}},
	{"Terminate frees all", []string{"terminate/what_is_held_stays_visible", "terminate/alloc_fails"}},
	{"Terminate twice opens again", []string{"terminate/twice_is_once"}},
	{"Terminate does nothing", []string{"terminate/alloc_fails", "random/programs"}},
	{"Terminating is false", []string{"terminate/alloc_fails", "terminate/twice_is_once"}},
	{"the largest Max is refused", []string{"limits/largest_accepted"}},
	{"all are one", []string{"new/shares_nothing", "new/is_empty"}},
	{"Undo moves Last whatever came since", []string{"undo/last_stays_where_another_came_since"}},
	{"Undo of a free pid moves Last", []string{"undo/fails_as_free_does"}},
	{"Undo takes any Last", []string{"undo/fails_as_free_does"}},
	{"Undo leaves Last", []string{"undo/as_if_never_handed_out"}},
}

func TestPlantedAllocators(t *testing.T) {
	for _, p := range plantedAllocators {
		t.Run(p.flaw, func(t *testing.T) {
			rejects(t, (&allocatorSuite{planted(p.flaw), Cyclic, 1, smallMaxes}).cases(), p.cases, 1)
		})
	}
}

// Without a flaw it is accepted: what the cases above reject is the flaw.
func TestPaperIsAccepted(t *testing.T) {
	s := &allocatorSuite{planted(""), Cyclic, drawSeed(), smallMaxes}
	runCases(live{t}, withoutLong(s.cases()), s.seed)
}
