package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// measure carries p out: it builds, then runs each cell of each round in a process of its own and writes into w.
func (p *plan) measure(ctx context.Context, w io.Writer, progress io.Writer) error {
	return withBinary(ctx, p.pkg, func(b *binary) error { return p.measureWith(ctx, b, w, progress) })
}

// withBinary builds pkg's tests into a folder that is gone when f has returned.
func withBinary(ctx context.Context, pkg string, f func(*binary) error) error {
	tmp, err := os.MkdirTemp("", "benchcmp")
	if err != nil {
		return failed("%w", err)
	}
	defer os.RemoveAll(tmp)
	b, err := build(ctx, pkg, tmp)
	if err != nil {
		return err
	}
	return f(b)
}

func (p *plan) measureWith(ctx context.Context, b *binary, w io.Writer, errs io.Writer) error {
	rec := &recorder{w: w, head: append(machineFacts(ctx, b), p.head()...)}
	show := newProgress(errs, p.processes())
	defer show.clear()
	done := 0
	for i, order := range p.order {
		for _, k := range order {
			show.show(done, i+1, p.cells[k].label)
			if err := p.measureCell(ctx, b, rec, i, p.cells[k]); err != nil {
				return fmt.Errorf("round %d, cell %s: %w\n%d of %d processes are done", i+1, p.cells[k].label, err, done, p.processes())
			}
			done++
		}
	}
	return nil
}

func (p *plan) measureCell(ctx context.Context, b *binary, rec *recorder, round int, c cell) error {
	text, err := b.run(ctx, c.pattern, p.benchtime, p.timeout, p.extra(round))
	if err != nil {
		return err
	}
	out, err := parseOutput(text)
	if err != nil {
		return failed("its output is not benchmark text: %w", err)
	}
	if err := out.matches(c); err != nil {
		return err
	}
	return rec.add(out)
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
	return append(head, [2]string{"command", p.command})
}
