package bench

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
)

var (
	reverse = flag.Bool("reverse", false, "measure the sides of each comparison in reverse order")
	large   = flag.Bool("large", false, "add the sizes that take minutes")
	churn   = flag.Int("churn", 3, "exits and forks a task before order=churned is measured")
)

// units are all lower-is-better; what is a count has no better side.
var units = []string{"ns/pid", "ns/pair", "max-hold-ns"}

func TestMain(m *testing.M) {
	flag.Parse()
	if *churn < 1 {
		fmt.Fprintf(os.Stderr, "bench: -churn %d is below 1\n", *churn)
		os.Exit(2)
	}
	if flag.Lookup("test.bench").Value.String() != "" {
		for _, unit := range units {
			fmt.Printf("Unit %s better=lower\n", unit)
		}
	}
	os.Exit(m.Run())
}

// inTurn gives the sides of a comparison in the order asked for.
func inTurn[S any](sides ...S) []S {
	sides = slices.Clone(sides)
	if *reverse {
		slices.Reverse(sides)
	}
	return sides
}

// size is a number of tasks or pids, with its name in benchmarks.
type size struct {
	name string
	n    int
}

var (
	sizes    = []size{{"10k", 10_000}, {"30k", 30_000}, {"100k", 100_000}, {"300k", 300_000}, {"1M", 1_000_000}}
	maxSizes = []size{{"32k", 32768}, {"1M", 1 << 20}}
)
