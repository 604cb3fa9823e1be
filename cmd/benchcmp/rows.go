package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchproc"
)

// A row is what one verdict is given on: the samples of both sides, in the order of rounds, at the same value of
// every other key.
type row struct {
	labels  []string     // values of the table's keys
	samples [2][]float64 // tidied
	order   []int        // the side of each sample as they were read; 2 for the harness until settled
	net     netting
	names   set[*name]
	heads   set[*head]
}

// A grouping is how results are made into rows.
type grouping struct {
	side side
	unit unit
	keys []string // the table's label columns, in benchproc's writing
	net  string   // the value of the side's key that is taken off both sides: see net
	free []string // file keys that may differ without a word
	proj *benchproc.Projection
}

// defaultKeys are label columns wherever they occur; any other key of the names is one if its values differ.
var defaultKeys = []string{"/registry", "/order", "/n"}

// newGrouping makes rows of these fields, in the order of their values in rs.
func newGrouping(rs []result, s side, u unit, fields []field) (*grouping, error) {
	g := &grouping{side: s, unit: u}
	for _, f := range fields {
		g.keys = append(g.keys, f.key)
	}
	var parser benchproc.ProjectionParser
	filter, err := benchproc.NewFilter("*")
	if err != nil {
		return nil, err
	}
	if g.proj, err = parser.Parse(projection(rs, fields), filter); err != nil {
		return nil, fmt.Errorf("-row: %w", err)
	}
	return g, nil
}

// rowFields reads a -row expression; "" means defaultKeys and whatever else differs.
func rowFields(rs []result, s side, expr string) ([]field, error) {
	if expr == "" {
		return defaultFields(rs, s), nil
	}
	fields, err := parseFields(expr)
	for i := range fields {
		if err == nil {
			err = checkField(rs, s, fields, i)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("-row: %w", err)
	}
	return fields, nil
}

// checkField resolves field i and refuses what would make a wrong table: the side itself, a key named twice, a value
// in a fixed order that does not occur.
func checkField(rs []result, s side, fields []field, i int) (err error) {
	f := &fields[i]
	if f.key, err = resolveKey(rs, f.key); err != nil {
		return err
	}
	if f.key == s.key {
		return fmt.Errorf("%s is the side; it cannot be a row too", s.name())
	}
	if slices.ContainsFunc(fields[:i], func(g field) bool { return g.key == f.key }) {
		return fmt.Errorf("key %s stands twice", plainKey(f.key))
	}
	there := valuesOf(rs, f.key)
	for _, v := range fixedValues(f.order) {
		if !slices.Contains(there, v) {
			return fmt.Errorf("no result has %s=%s; there are %s", plainKey(f.key), v, strings.Join(there, ", "))
		}
	}
	return nil
}

// fixedValues lists the values of an order in parentheses; quoted ones are left to benchproc.
func fixedValues(order string) []string {
	if !strings.HasPrefix(order, "(") || strings.Contains(order, `"`) {
		return nil
	}
	return strings.Fields(strings.Trim(order, "()"))
}

func defaultFields(rs []result, s side) []field {
	there := nameKeys(rs)
	var fields []field
	for _, key := range defaultKeys {
		if key != s.key && slices.Contains(there, key) {
			fields = append(fields, field{key: key})
		}
	}
	for _, key := range append([]string{".name"}, there...) {
		known := key == s.key || slices.Contains(defaultKeys, key) || strings.HasPrefix(key, "/#")
		if !known && len(valuesOf(rs, key)) > 1 {
			fields = append(fields, field{key: key})
		}
	}
	if len(fields) == 0 {
		return []field{{key: ".name"}}
	}
	return fields
}

// mostMeasured bounds what is compared, so that every ratio is finite, and every size times a measure.
const mostMeasured = 1e150

// group makes rows of rs, all of them on a side (or of the harness) and with the unit, sorted by their labels. A
// measurement that no ratio can be made of is an error.
func (g *grouping) group(rs []result) ([]*row, error) {
	rows := map[benchproc.Key]*row{}
	var order []benchproc.Key
	for _, r := range rs {
		i, value := g.role(r), measuredIn(r, g.unit)
		if !(value > 0 || value == 0 && i == harness) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("%s: %.4g %s cannot be compared: a finite number above zero is wanted", r.pos(), value/g.unit.scale, g.unit.asked)
		}
		if value > mostMeasured || value < 1/mostMeasured && value != 0 {
			return nil, fmt.Errorf("%s: %.4g %s cannot be compared: ratios of such numbers are not finite", r.pos(), value/g.unit.scale, g.unit.asked)
		}
		key := g.proj.Project(r.view())
		if rows[key] == nil {
			rows[key] = g.newRow(key)
			order = append(order, key)
		}
		rows[key].add(i, value, r)
	}
	order = slices.DeleteFunc(order, func(key benchproc.Key) bool { return rows[key].sideless() })
	benchproc.SortKeys(order)
	sorted := make([]*row, len(order))
	for i, key := range order {
		sorted[i] = rows[key]
		if g.net != "" {
			sorted[i].settle(g.side, g.net)
		}
	}
	return sorted, g.pooled(sorted)
}

func (g *grouping) newRow(key benchproc.Key) *row {
	r := &row{}
	for _, f := range g.proj.Fields() {
		r.labels = append(r.labels, key.Get(f))
	}
	return r
}

func (r *row) add(i int, value float64, res result) {
	if i == harness {
		r.net.samples = append(r.net.samples, value)
	} else {
		r.samples[i] = append(r.samples[i], value)
	}
	r.order = append(r.order, i)
	r.names.add(res.name)
	r.heads.add(res.head)
}

// paired tells whether the samples came in rounds: each sample beside one of the other side. Then the i-th samples
// of both sides come from one process, and what disturbed the one disturbed the other. go test -count, which
// measures one side's samples in a block, and sides from two files give no pairs.
func (r *row) paired() bool { return len(r.order) > 0 && inTurn(r.order, 2) }

// inTurn tells whether order is made of stretches that hold each of 0 to n−1 once, in any order.
func inTurn(order []int, n int) bool {
	for i := 0; i < len(order); i += n {
		seen := 0
		for _, k := range order[i:min(i+n, len(order))] {
			seen |= 1 << k
		}
		if seen != 1<<n-1 {
			return false
		}
	}
	return true
}

// title names the row in messages.
func (g *grouping) title(r *row) string {
	parts := make([]string, len(g.keys))
	for i, key := range g.keys {
		parts[i] = plainKey(key) + "=" + r.labels[i]
	}
	return strings.Join(parts, " ")
}

// pooled refuses rows that would mix samples of different things in silence.
func (g *grouping) pooled(rows []*row) error {
	var errs []error
	for _, r := range rows {
		if err := g.pooledRow(r); err != nil {
			errs = append(errs, err)
		}
		if len(errs) == 3 {
			break
		}
	}
	return errors.Join(errs...)
}

func (g *grouping) pooledRow(r *row) error {
	for key, values := range g.differing(r) {
		if strings.HasPrefix(key, "/") || key == ".name" || slices.Contains(identity, key) {
			return fmt.Errorf("row %s would pool %s = %s: add %s to -row, or choose one with -filter", g.title(r), plainKey(key), strings.Join(values, ", "), strings.TrimPrefix(key, "/"))
		}
	}
	return nil
}
