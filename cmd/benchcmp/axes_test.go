package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestQuestions: every selection can be planned, every comparison is of values that one of its part's cells has, and
// every part says why.
func TestQuestions(t *testing.T) {
	for _, q := range questions {
		code, out, errs := benchcmp(t.Context(), "", "sweep", "-plan", "-axes", q.name, "-seed", "1")
		if code != 0 || !strings.Contains(out, "with -churn=10") {
			t.Errorf("%s: exit %d, %s", q.name, code, errs)
		}
		for _, p := range q.parts {
			if p.why == "" || len(p.cells) == 0 {
				t.Errorf("%s: a part without reason or cells: %+v", q.name, p)
			}
			for _, v := range p.against {
				key, values, _ := strings.Cut(v.side, "=")
				for value := range strings.SplitSeq(values, ",") {
					all := strings.Join(p.cells, " ") + " "
					if !slices.ContainsFunc(strings.FieldsFunc(all, func(c rune) bool { return c == '/' || c == ' ' }), func(part string) bool {
						list, ok := strings.CutPrefix(part, key+"=")
						return ok && slices.Contains(strings.Split(list, ","), value)
					}) {
						t.Errorf("%s, %s: no cell has %s=%s", q.name, p.why, key, value)
					}
				}
			}
		}
	}
}

// answering makes a run of all cells of a question, in which the i-th value of a side costs i times 2 ns and more.
func answering(t *testing.T, q question) *recording {
	t.Helper()
	rng := rand.New(rand.NewPCG(9, 0))
	var b strings.Builder
	for _, u := range []string{"ns/pid", "ns/pair", "ns/life", "ns/lookup", "max-hold-ns", "mark-ns/pid", "thaw-ns/pid", "fill-ns/pid", "drain-ns/pid", "B/task"} {
		fmt.Fprintf(&b, "Unit %s better=lower\n", u)
	}
	p := &plan{}
	if err := q.plan(p, ""); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		for _, c := range p.cells {
			for i, n := range c.names {
				v := float64(10+2*i) * (1 + 0.01*rng.Float64())
				fmt.Fprintf(&b, "Benchmark%s-2 1 %f ns/op %f ns/pid %f ns/pair %f ns/life %f ns/lookup %f max-hold-ns %f mark-ns/pid %f thaw-ns/pid %f fill-ns/pid %f drain-ns/pid %f B/task\n",
					n, v, v, v/2, v, v, v, v, v, v, v, v)
			}
		}
	}
	rd := newReader()
	if err := rd.read(strings.NewReader(b.String()), "made"); err != nil {
		t.Fatal(err)
	}
	return &rd.rec
}

// TestQuestionsAnswer: what a selection measures can be tabled, all of it.
func TestQuestionsAnswer(t *testing.T) {
	for _, q := range questions {
		var out, errs strings.Builder
		a, err := q.answer(stdio{nil, &out, &errs}, answering(t, q), "md")
		if err != nil {
			t.Errorf("%s: %v", q.name, err)
			continue
		}
		for _, p := range q.parts {
			if !strings.Contains(out.String(), p.why) {
				t.Errorf("%s: nothing on %q", q.name, p.why)
			}
		}
		if strings.Contains(out.String(), "Is the list worth keeping?") != (q.name == "q1" || q.name == "full") {
			t.Errorf("%s: break-even", q.name)
		}
		if len(a.tables) < 5 || strings.Contains(out.String(), "too few rounds") {
			t.Errorf("%s: %d tables", q.name, len(a.tables))
		}
	}
}

func TestAxesRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-axes q9":                       "there are q1, q2, q3, full",
		"-axes q1 -quick":                "-quick exclude",
		"-axes q1 -registry idr":         "-registry exclude",
		"-plan -axes q3 -n 10k -order x": "-order exclude",
	} {
		if code, _, errs := benchcmp(t.Context(), "", append([]string{"sweep"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s", args, code, errs)
		}
	}
}
