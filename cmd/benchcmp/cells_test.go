package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func labels(cells []cell) []string {
	var out []string
	for _, c := range cells {
		out = append(out, c.label)
	}
	return out
}

func TestParseCells(t *testing.T) {
	cells, err := parseCells("S/a=1,2/b=x+y/s=p,q", []string{"s"})
	if err != nil {
		t.Fatal(err)
	}
	if got := labels(cells); !slices.Equal(got, []string{"S/a=1/b=x+y/s=p,q", "S/a=2/b=x+y/s=p,q"}) {
		t.Errorf("cells %q", got)
	}
	if want := `^BenchmarkS$/^a=1$/^b=x\+y$/^(s=p|s=q)$`; cells[0].pattern != want {
		t.Errorf("pattern %s, want %s", cells[0].pattern, want)
	}
	if got := cells[0].names; !slices.Equal(got, []string{"S/a=1/b=x+y/s=p", "S/a=1/b=x+y/s=q"}) {
		t.Errorf("names %q", got)
	}
	cells, err = parseCells("S/small/a=1,2", nil)
	if err != nil || !slices.Equal(labels(cells), []string{"S/small/a=1", "S/small/a=2"}) {
		t.Errorf("without a side: %q, %v", labels(cells), err)
	}
}

func TestParseCellsBounds(t *testing.T) {
	many := strings.Repeat("/k=1,2,3,4,5,6,7,8,9,10", 9)
	for expr, want := range map[string]string{
		"S" + many:     "more than 10000 cells",
		"S/a=1,":       "missing",
		"S/=1":         "missing",
		"S/a=1 2":      "blanks",
		"S/s=p,p":      "twice",
		"":             "empty part",
		"S/s=p/s=p,q":  "two sides",
		"S/a=1,2/t=3,": "missing",
	} {
		if _, err := parseCells(expr, []string{"s"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", expr, err, want)
		}
	}
}

// TestPatternMatchesNamesOnly: every part of the pattern matches its part of the cell's names and of no neighbour's.
func TestPatternMatchesNamesOnly(t *testing.T) {
	for _, c := range groupNames([]string{"A/n=1.5/[x]/s=a", "A/n=1.5/[x]/s=b", "A/n=115/[x]/s=a"}, []string{"s"}) {
		for _, other := range []string{"A/n=1.5/[x]/s=a", "A/n=1.5/[x]/s=b", "A/n=115/[x]/s=a", "A/n=1.5/x/s=a", "AA/n=1.5/[x]/s=a", "A/n=1.5/[x]/s=ab"} {
			patterns, parts := strings.Split(c.pattern, "/"), strings.Split("Benchmark"+other, "/")
			all := true
			for i, p := range patterns {
				all = all && regexp.MustCompile(p).MatchString(parts[i])
			}
			if all != slices.Contains(c.names, other) {
				t.Errorf("pattern %s matches %s: %v", c.pattern, other, all)
			}
		}
	}
}

func TestGroupNames(t *testing.T) {
	cells := groupNames([]string{"A/s=x/n=1", "B", "A/s=y/n=1", "A/s=x/n=2"}, []string{"s"})
	if got := labels(cells); !slices.Equal(got, []string{"A/s=x,y/n=1", "B", "A/s=x/n=2"}) {
		t.Errorf("cells %q", got)
	}
	if got := cells[0].pattern; got != `^BenchmarkA$/^(s=x|s=y)$/^n=1$` {
		t.Errorf("pattern %s", got)
	}
}
