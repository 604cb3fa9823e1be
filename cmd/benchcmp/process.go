package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// maxOutput bounds what one process may print.
const maxOutput = 16 << 20

// A binary is a package's test binary and the folder it runs in, as go test would run it.
type binary struct {
	pkg  string // import path
	dir  string
	path string
	pin  []int // CPUs it runs on; none: any
}

// procs is the GOMAXPROCS of the binary's processes: ours, which they inherit, unless they are pinned to fewer CPUs.
func (b *binary) procs() int {
	if n := len(b.pin); n > 0 {
		return min(n, runtime.GOMAXPROCS(0))
	}
	return runtime.GOMAXPROCS(0)
}

// build compiles pkg's tests into folder tmp. The package is looked for in folder dir, "" for the current one.
func build(ctx context.Context, dir, pkg, tmp string) (*binary, error) {
	if strings.HasPrefix(pkg, "-") {
		return nil, badInput("package %q: an import path or a folder is wanted", pkg)
	}
	out, err := tool(ctx, dir, "go", "list", "-f", "{{.ImportPath}}\n{{.Dir}}", "--", pkg)
	if err != nil {
		return nil, badInput("package %s: %w", pkg, err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		return nil, badInput("package %s: one package is wanted, there are %d", pkg, len(lines)/2)
	}
	b := &binary{pkg: lines[0], dir: lines[1], path: filepath.Join(tmp, "bench.test.exe")}
	if _, err := tool(ctx, dir, "go", "test", "-c", "-o", b.path, b.pkg); err != nil {
		return nil, failed("building the tests of %s: %w", b.pkg, err)
	}
	if _, err := os.Stat(b.path); err != nil {
		return nil, badInput("package %s has no test files, so no benchmarks", b.pkg)
	}
	return b, nil
}

// goCommand runs the go command; its error holds what it printed.
func goCommand(ctx context.Context, args ...string) (string, error) {
	return tool(ctx, "", "go", args...)
}

// tool runs a program in dir and returns what it prints.
func tool(ctx context.Context, dir, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out, errs bounded
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	killGroup(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", errInterrupted
		}
		return "", fmt.Errorf("%s %s: %w%s", program, args[0], err, indented(errs.buf.String()))
	}
	return out.buf.String(), nil
}

var errInterrupted = failed("interrupted")

// run starts the binary once for a pattern and returns what it printed.
func (b *binary) run(ctx context.Context, pattern, benchtime string, timeout time.Duration, extra []string) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	args := []string{"-test.run=^$", "-test.bench=" + pattern, "-test.count=1"}
	if benchtime != "" {
		args = append(args, "-test.benchtime="+benchtime)
	}
	cmd := exec.CommandContext(limited, b.path, append(args, extra...)...)
	out, errs := bounded{overflow: cancel}, bounded{overflow: cancel}
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.dir, &out, &errs
	cmd.Env = append(cmd.Environ(), "GOMAXPROCS="+strconv.Itoa(b.procs()))
	killGroup(cmd)
	err := startPinned(cmd, b.pin)
	if err == nil {
		err = cmd.Wait()
	}
	switch {
	case ctx.Err() != nil:
		return nil, errInterrupted
	case out.full || errs.full:
		return nil, failed("prints more than %d MiB", maxOutput>>20)
	case limited.Err() != nil:
		return nil, failed("no end within %v (-timeout)", timeout)
	case err != nil:
		return nil, failed("%w%s", err, indented(out.failure()+errs.buf.String()))
	}
	return out.buf.Bytes(), nil
}

// bounded is a buffer that refuses more than maxOutput and then calls overflow, if it has one. The buffer is not
// embedded: io.Copy would find its ReadFrom and go round the bound.
type bounded struct {
	buf      bytes.Buffer
	full     bool
	overflow func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > maxOutput {
		if b.full = true; b.overflow != nil {
			b.overflow()
		}
		return 0, errors.New("too much output")
	}
	return b.buf.Write(p)
}

// failure is the part of a test's output that says why it failed.
func (b *bounded) failure() string {
	text := b.buf.String()
	if i := strings.Index(text, "--- FAIL"); i >= 0 {
		return text[i:]
	}
	return ""
}

// indented sets the first lines of what a program printed below a message.
func indented(text string) string {
	const most = 20
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	if len(lines) > most {
		lines = append(lines[:most], "…")
	}
	return "\n\t" + strings.Join(lines, "\n\t")
}
