package bench

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// badValue is what would make benchstat misread a name: a '/' starts the next
// key, and a trailing -digits is taken for GOMAXPROCS.
var badValue = regexp.MustCompile(`/|-[0-9]+$|^$`)

// named joins keys and values to the name of a benchmark.
func named(pairs ...any) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		value := fmt.Sprint(pairs[i+1])
		if badValue.MatchString(value) {
			panic(fmt.Sprintf("bench: %q cannot be the value of %v in a benchmark's name", value, pairs[i]))
		}
		parts = append(parts, fmt.Sprintf("%v=%s", pairs[i], value))
	}
	return strings.Join(parts, "/")
}

func TestNamed(t *testing.T) {
	if got, want := named("registry", "tree+table", "n", "10k", "density", 25), "registry=tree+table/n=10k/density=25"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, value := range []string{"", "a/b", "x-2"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("value %q was let through", value)
				}
			}()
			named("key", value)
		}()
	}
}
