package peers

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	reverse = flag.Bool("reverse", false, "measure the sides of each comparison in reverse order")
	buffer  = flag.Int("buf", 256, "pids a batch of the bulk walk")
	churned = flag.Int("churned", 0, "how many of the pids held Churn releases from, 0 for all")
)

// units are all lower-is-better.
var units = []string{"ns/pair", "ns/pid", "fill-ns/pid", "drain-ns/pid", "B/map", "B/pid"}

func TestMain(m *testing.M) {
	flag.Parse()
	if *buffer < 1 || *churned < 0 {
		fmt.Fprintf(os.Stderr, "peers: -buf %d is below 1, or -churned %d below 0\n", *buffer, *churned)
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
func inTurn[S any](sides []S) []S {
	sides = slices.Clone(sides)
	if *reverse {
		slices.Reverse(sides)
	}
	return sides
}

// opened tells whether the -bench pattern names a key, which adds the values
// that are left out by default.
func opened(key string) bool {
	return strings.Contains(flag.Lookup("test.bench").Value.String(), key+"=")
}
