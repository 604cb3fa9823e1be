package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A variant is one of the things that are measured in turn for each cell: the same benchmarks built from another
// commit, or the same once more. A plain run has one.
type variant struct {
	label    [2]string          // the configuration line that tells it from the others: commit, copy; empty if there is one
	binaries map[string]*binary // by package as it was asked for
}

// A step is one process: a cell of a round in one variant, all counted from 0.
type step struct{ round, cell, variant int }

// steps lists the processes of p in order. The variants of a cell follow one another, so that each round gives pairs,
// in turned order in every other round, so that what comes first can be told from what is better.
func (p *plan) steps() iter.Seq[step] {
	return func(yield func(step) bool) {
		n := p.variants()
		for round, order := range p.order {
			for _, cell := range order {
				for i := range n {
					v := i
					if round%2 == 1 {
						v = n - 1 - i
					}
					if !yield(step{round, cell, v}) {
						return
					}
				}
			}
		}
	}
}

// measure builds what p needs, then runs each cell of each round in a process of its own and writes into w.
func (p *plan) measure(ctx context.Context, w, errs io.Writer) error {
	return p.withVariants(ctx, func(vs []variant) error { return p.measureWith(ctx, vs, p.recorder(ctx, vs, w), errs) })
}

// withVariants builds the binaries of p into a folder that is gone when f has returned.
func (p *plan) withVariants(ctx context.Context, f func([]variant) error) error {
	tmp, err := os.MkdirTemp("", "benchcmp")
	if err != nil {
		return failed("%w", err)
	}
	defer os.RemoveAll(tmp)
	here, err := p.buildAll(ctx, "", filepath.Join(tmp, "head"))
	if err != nil {
		return err
	}
	switch {
	case p.copies:
		return f([]variant{{[2]string{"copy", "a"}, here}, {[2]string{"copy", "b"}, here}})
	case p.base != "":
		return p.withBase(ctx, tmp, here, f)
	}
	return f([]variant{{binaries: here}})
}

// buildAll builds every package of p as seen from folder dir, "" for the current one.
func (p *plan) buildAll(ctx context.Context, dir, tmp string) (map[string]*binary, error) {
	out := map[string]*binary{}
	for i, pkg := range p.pkgs {
		sub := filepath.Join(tmp, strconv.Itoa(i))
		if err := os.MkdirAll(sub, 0o777); err != nil {
			return nil, failed("%w", err)
		}
		b, err := build(ctx, dir, pkg, sub)
		if err != nil {
			return nil, err
		}
		b.pin = p.pin
		out[pkg] = b
	}
	return out, nil
}

// recorder makes the recorder of a new run.
func (p *plan) recorder(ctx context.Context, vs []variant, w io.Writer) *recorder {
	b := vs[0].binaries[p.pkgs[0]]
	head := machineFacts(ctx)
	if len(vs) == 1 {
		head = append(head, [2]string{"commit", commit(ctx, b.dir)})
	}
	return &recorder{w: w, head: append(head, p.head()...)}
}

// measureWith carries p out by binaries that are built, from the process after those that rec holds already.
func (p *plan) measureWith(ctx context.Context, vs []variant, rec *recorder, errs io.Writer) error {
	show := newProgress(errs, p.processes()-rec.held)
	defer show.clear()
	done := 0
	for s := range p.steps() {
		if done++; done <= rec.held {
			continue
		}
		c := p.cells[s.cell]
		show.show(done-1-rec.held, s.round+1, c.label)
		if err := p.measureCell(ctx, vs[s.variant], rec, s.round, c); err != nil {
			return fmt.Errorf("round %d, cell %s%s: %w\n%d of %d processes are done", s.round+1, c.label, vs[s.variant].words(), err, done-1, p.processes())
		}
	}
	return nil
}

// words names the variant in messages.
func (v variant) words() string {
	if v.label[0] == "" {
		return ""
	}
	return ", " + v.label[0] + " " + v.label[1]
}

func (p *plan) measureCell(ctx context.Context, v variant, rec *recorder, round int, c cell) error {
	b := v.binaries[c.in(p)]
	text, err := b.run(ctx, c.pattern, p.benchtime, p.timeout, p.extra(round))
	if err != nil {
		return err
	}
	out, err := parseOutput(text, b.procs())
	if err != nil {
		return failed("its output is not benchmark text: %w", err)
	}
	if err := out.matches(c); err != nil {
		return err
	}
	return rec.add(out, v.label)
}

// head is what the plan itself puts at the head of a run.
func (p *plan) head() [][2]string {
	head := [][2]string{
		{"rounds", strconv.Itoa(p.rounds)},
		{"seed", strconv.FormatUint(p.seed, 10)},
	}
	if len(p.asked) > 0 {
		head = append(head, [2]string{"cells", strings.Join(p.asked, " ")})
	}
	if len(p.pin) > 0 {
		head = append(head, [2]string{"pinned", "CPU " + joinInts(p.pin)})
	}
	return append(head, [2]string{"command", p.command})
}

func joinInts(ns []int) string {
	words := make([]string, len(ns))
	for i, n := range ns {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}
