package bench

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var (
	reverse = flag.Bool("reverse", false, "measure the sides of each comparison in reverse order")
	large   = flag.Bool("large", false, "add the sizes that take minutes")
	extra   = flag.String("sizes", "", "more values of n, such as 50k,70k")
	churn   = flag.Int("churn", 3, "exits and forks a task before order=churned is measured")
)

// dead is higher-is-better, units are lower-is-better; counts have no better side, and are the same every time.
const dead = "%dead"

var (
	units  = []string{"ns/pid", "ns/pair", "ns/life", "ns/lookup", "max-hold-ns", "mark-ns/pid", "thaw-ns/pid", "fill-ns/pid", "drain-ns/pid", "B/task", "B/namespace", "B/map", "B/pid", "alive", "escaped", "walks", "steps"}
	counts = []string{"tasks", "visited", "%used", "left"}
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *churn < 1 {
		fmt.Fprintf(os.Stderr, "bench: -churn %d is below 1\n", *churn)
		os.Exit(2)
	}
	for _, n := range moreSizes() {
		if _, err := number(n); err != nil {
			fmt.Fprintf(os.Stderr, "bench: -sizes: %v\n", err)
			os.Exit(2)
		}
	}
	if flag.Lookup("test.bench").Value.String() != "" {
		for _, unit := range units {
			fmt.Printf("Unit %s better=lower\n", unit)
		}
		for _, unit := range counts {
			fmt.Printf("Unit %s assume=exact\n", unit)
		}
		fmt.Printf("Unit %s better=higher\n", dead)
	}
	os.Exit(m.Run())
}

// moreSizes are those of -sizes.
func moreSizes() []string {
	if *extra == "" {
		return nil
	}
	return strings.Split(*extra, ",")
}
