package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// machineFacts lists what a reader of the numbers will ask about, beside what the binary itself prints. A fact that
// cannot be found out is left out.
func machineFacts(ctx context.Context) [][2]string {
	var facts [][2]string
	add := func(key, value string) {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			facts = append(facts, [2]string{key, value})
		}
	}
	version, _ := goCommand(ctx, "env", "GOVERSION")
	add("toolchain", version)
	add("machine", fmt.Sprintf("%d CPUs%s", runtime.NumCPU(), memory()))
	add("kernel", kernel(ctx))
	add("governor", governor())
	return facts
}

// memory is read where Linux shows it.
func memory() string {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	var kib int64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kib); err != nil {
		return ""
	}
	return fmt.Sprintf(", %.1f GiB", float64(kib)/(1<<20))
}

// governor is what decides the clock of the CPUs, where Linux shows it; several if they differ.
func governor() string {
	files, _ := filepath.Glob("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	var all set[string]
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil {
			all.add(strings.TrimSpace(string(text)))
		}
	}
	return strings.Join(all.list, ",")
}

func kernel(ctx context.Context) string {
	name, _ := tool(ctx, "", "uname", "-sr")
	return name
}

// commit is the revision of the folder, with +dirty if a tracked file was changed or an untracked one would be
// compiled; run files that lie about do not count.
func commit(ctx context.Context, dir string) string {
	rev, err := tool(ctx, dir, "git", "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "unknown"
	}
	rev = strings.TrimSpace(rev)
	status, err := tool(ctx, dir, "git", "status", "--porcelain", "--untracked-files=all")
	if err != nil {
		return rev
	}
	for line := range strings.Lines(status) {
		file, untracked := strings.CutPrefix(strings.TrimSpace(line), "?? ")
		if file != "" && (!untracked || isSource(file)) {
			return rev + "+dirty"
		}
	}
	return rev
}

func isSource(file string) bool {
	for _, ending := range []string{".go", ".s", ".c", ".h", "go.mod", "go.sum", "go.work"} {
		if strings.HasSuffix(file, ending) {
			return true
		}
	}
	return false
}
