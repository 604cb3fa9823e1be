package main

import "testing"

// made makes a table whose rows need no measuring.
func made(rows [][3]string, stats []*comparison) *table {
	t := &table{side: side{"/sweep", [2]string{"walk", "list"}}, unit: perPID, stats: stats}
	for _, labels := range rows {
		t.rows = append(t.rows, &row{labels: labels[:]})
	}
	return t
}

func said(v verdict, ratio float64) *comparison {
	c := &comparison{verdict: v, ratio: interval{ratio, ratio * 0.98, ratio * 1.02}}
	c.summary[0].Center, c.summary[1].Center = 100e-9, 100e-9*ratio
	return c
}

func TestOverSizes(t *testing.T) {
	sizes := func(stats ...*comparison) *table {
		var rows [][3]string
		for _, n := range []string{"10k", "30k", "100k", "300k", "1M"}[:len(stats)] {
			rows = append(rows, [3]string{"tree+table", "churned", n})
		}
		return made(rows, stats)
	}
	for _, c := range []struct {
		t    *table
		want string
	}{
		{sizes(said(firstWins, 2.5)), "the walk is 2.50 times cheaper at 10k"},
		{sizes(said(firstWins, 1.5), said(firstWins, 12.34)), "the walk is 1.50 to 12.3 times cheaper from 10k to 30k"},
		{sizes(said(noDifference, 1), said(noDifference, 1)), "no difference is shown from 10k to 30k"},
		{sizes(said(secondWins, 0.5), said(secondWins, 0.8), said(firstWins, 3), said(firstWins, 4)),
			"the list is 1.25 to 2.00 times cheaper up to 30k, the walk is 3.00 to 4.00 times cheaper from 100k on"},
		{sizes(said(secondWins, 0.8), said(noDifference, 1), said(noDifference, 1), said(firstWins, 3)),
			"the list is 1.25 times cheaper at 10k, no difference is shown from 30k to 100k, the walk is 3.00 times cheaper at 300k"},
		{sizes(said(noDifference, 1), said(firstWins, 2), said(noDifference, 1)),
			"no difference is shown at 10k, the walk is 2.00 times cheaper at 30k, no difference is shown at 100k"},
		{sizes(said(tooFew, 2), said(tooFew, 3)), "there are too few rounds to tell from 10k to 30k"},
	} {
		if got := overSizes(c.t, "tree+table", "churned"); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestUpkeepWords(t *testing.T) {
	for want, c := range map[string]*comparison{
		"keeping the list makes a fork with its exit 8.0% dearer (100 → 108 ns)":                                                                                            said(firstWins, 1.08),
		"with the list kept, a fork with its exit is 5.0% cheaper (100 → 95.0 ns)":                                                                                          said(secondWins, 0.95),
		"there are too few rounds to tell what the list costs at fork and exit":                                                                                             said(tooFew, 1),
		"no difference is shown in what a fork with its exit costs when the list is kept (100 → 101 ns, interval of the ratio 0.990 to 1.030)":                              said(noDifference, 1.01),
		"no difference is shown in what a fork with its exit costs when the list is kept (100 → 106 ns, interval of the ratio 1.039 to 1.081, below the A/A floor of 7.0%)": {verdict: noDifference, below: true, floor: 0.07, ratio: said(noDifference, 1.06).ratio, summary: said(noDifference, 1.06).summary},
	} {
		table := made([][3]string{{"tree+table", "", "100k"}}, []*comparison{c})
		table.unit = unit{asked: "ns/pair", tidy: "sec/pair", scale: 1e-9, better: -1}
		if got := upkeepWords(table); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestSentence(t *testing.T) {
	rows := [][3]string{{"tree+table", "fresh", "10k"}, {"paged+hash", "fresh", "10k"}, {"tree+table", "churned", "10k"}}
	sweeps := made(rows, []*comparison{said(noDifference, 1), said(secondWins, 0.5), said(firstWins, 2)})
	want := "As forked, on tree+table no difference is shown at 10k, and on paged+hash the list is 2.00 times cheaper at 10k; " +
		"after churn, on tree+table the walk is 2.00 times cheaper at 10k; what the list costs at fork and exit was not measured."
	if got := sentence(sweeps, made(nil, nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
