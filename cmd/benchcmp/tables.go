package main

import (
	"fmt"
	"strings"
)

// makeTables makes the table of a recording, or one for each value of -table.
func makeTables(rec *recording, f tableFlags) ([]*table, error) {
	if f.tables == "" {
		t, err := makeTable(rec, f)
		return []*table{t}, err
	}
	rs, err := applyFilter(rec.results, f.filter)
	if err != nil {
		return nil, err
	}
	fields, err := parseFields(f.tables)
	if err != nil {
		return nil, fmt.Errorf("-table: %w", err)
	}
	var keys []string
	for _, field := range fields {
		key, err := resolveKey(rs, field.key)
		if err != nil {
			return nil, fmt.Errorf("-table: %w", err)
		}
		keys = append(keys, key)
	}
	var tables []*table
	for _, part := range partition(rs, keys) {
		one := *rec
		one.results = part
		t, err := makeTable(&one, f)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", tableName(part[0], keys), err)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// partition parts results by their values of keys, in the order in which these first occur.
func partition(rs []result, keys []string) [][]result {
	parts := map[string][]result{}
	var order []string
	for _, r := range rs {
		id := tableName(r, keys)
		if parts[id] == nil {
			order = append(order, id)
		}
		parts[id] = append(parts[id], r)
	}
	var out [][]result
	for _, id := range order {
		out = append(out, parts[id])
	}
	return out
}

func tableName(r result, keys []string) string {
	var words []string
	for _, key := range keys {
		v, _ := r.get(key)
		words = append(words, plainKey(key)+"="+v)
	}
	return strings.Join(words, " ")
}
