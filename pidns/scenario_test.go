package pidns

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/pidmap/alloc"
	"github.com/cockroachdb/datadriven"
)

// The scenarios in testdata/pidns read like what somebody typed into a shell.
// A line is a command, four dashes, and what it answers. Whoever is born gets a
// name; a namespace has that of its reaper. Lines below a birth are done in the
// middle of it, after pause=1 or 2 of its steps. A command that waits answers
// with a job number, and `jobs` tells what has come of them. scenario_verbs_test.go
// has the commands.
//
// Each file is played on every registry with every sweep, and what it answers
// must be the same; `circle` at its head leaves out the registries that hand
// out numbers in another order. `go test -run Scenarios -rewrite` writes down
// what is answered now.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../testdata/pidns/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			every(t, func(w *world) {
				s := newScene(w)
				defer s.end()
				datadriven.RunTest(w.T, path, func(t *testing.T, d *datadriven.TestData) string {
					out, err := s.play(d)
					if err != nil {
						t.Fatal(err)
					}
					return out
				})
			})
		})
	}
}

// scene is a scenario being played.
type scene struct {
	w      *world
	tasks  map[string]Task
	spaces map[string]*Namespace
	told   map[string]*told
	jobs   []*job
	skip   bool // not for this registry
	inside bool // in the middle of a fork
	ctx    context.Context
	cancel context.CancelFunc
}

// job is a command that may wait.
type job struct {
	name string
	out  chan string
	said string // once it has come back
}

func newScene(w *world) *scene {
	s := &scene{
		w:      w,
		tasks:  map[string]Task{"init": w.init},
		spaces: map[string]*Namespace{"root": w.root},
		told:   map[string]*told{},
	}
	s.ctx, s.cancel = context.WithCancel(forever)
	return s
}

// end wants every job done.
func (s *scene) end() {
	for i, j := range s.jobs {
		if j.waits() && !s.w.Failed() {
			s.w.Errorf("at the end of the file [%d] %s still waits", i+1, j.name)
		}
	}
	s.cancel()
}

func (j *job) waits() bool {
	synctest.Wait()
	if j.said != "" {
		return false
	}
	select {
	case j.said = <-j.out:
		return false
	default:
		return true
	}
}

// start does something that may wait.
func (s *scene) start(name string, f func(ctx context.Context) string) string {
	return s.answer(s.launch(name, f))
}

func (s *scene) launch(name string, f func(ctx context.Context) string) *job {
	j := &job{name: name, out: make(chan string, 1)}
	go func() { j.out <- f(s.ctx) }()
	return j
}

// answer is what a job says, or its number while it waits.
func (s *scene) answer(j *job) string {
	if !j.waits() {
		return j.said
	}
	s.jobs = append(s.jobs, j)
	return fmt.Sprintf("[%d] waits", len(s.jobs))
}

// play does what a line says. Its error, of a line that makes no sense, names
// the line.
func (s *scene) play(d *datadriven.TestData) (string, error) {
	if d.Cmd == "circle" {
		s.skip = !s.w.cyclic()
		return "", nil
	}
	if s.skip {
		return d.Expected, nil
	}
	out, err := s.line(d)
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.Pos, err)
	}
	if !s.inside {
		if err := s.w.root.host.verifyNow(); err != nil {
			return "", fmt.Errorf("%s: after %s: %w", d.Pos, d.Cmd, err)
		}
	}
	return out, nil
}

// line does what a line says.
func (s *scene) line(d *datadriven.TestData) (out string, err error) {
	defer func() {
		if p := recover(); p != nil {
			bad, ok := p.(badLine)
			if !ok {
				panic(p)
			}
			err = bad.error
		}
	}()
	synctest.Wait() // whoever has been woken by the line before
	known := verbs()
	i := slices.IndexFunc(known, func(v verb) bool { return v.name == d.Cmd })
	if i < 0 {
		return "", fmt.Errorf("unknown command %q", d.Cmd)
	}
	v := known[i]
	c := &typed{scene: s, data: d}
	for _, arg := range d.CmdArgs {
		switch {
		case len(arg.Vals) == 0:
			c.words = append(c.words, arg.Key)
		case slices.Contains(v.options, arg.Key):
		default:
			return "", fmt.Errorf("%s takes no %s=", v.name, arg.Key)
		}
	}
	if n := len(c.words); n < v.least || n > v.most {
		return "", fmt.Errorf("%s takes %s", v.name, v.usage)
	}
	if d.Input != "" && !slices.Contains(v.options, "pause") {
		return "", fmt.Errorf("%s takes no lines below it", v.name)
	}
	return v.do(c), nil
}

// typed is a command and its arguments.
type typed struct {
	*scene
	data  *datadriven.TestData
	words []string
}

// badLine is what an argument that makes no sense ends the line with.
type badLine struct{ error }

func (c *typed) fail(format string, args ...any) { panic(badLine{fmt.Errorf(format, args...)}) }

func (c *typed) task(i int) Task {
	t, ok := c.tasks[c.words[i]]
	if !ok {
		c.fail("nobody is called %q", c.words[i])
	}
	return t
}

func (c *typed) space(i int) *Namespace {
	ns, ok := c.spaces[c.words[i]]
	if !ok {
		c.fail("no namespace is called %q", c.words[i])
	}
	return ns
}

// number reads the ith word; without one it is what is given.
func (c *typed) number(i, without int) int {
	if i >= len(c.words) {
		return without
	}
	var n int
	if _, err := fmt.Sscanf(c.words[i]+"\n", "%d\n", &n); err != nil {
		c.fail("%q is not a number", c.words[i])
	}
	return n
}

// option reads numbers given as name=1 or name=(1, 2).
func (c *typed) option(name string) []alloc.PID {
	var all []alloc.PID
	for _, arg := range c.data.CmdArgs {
		if arg.Key != name {
			continue
		}
		for _, val := range arg.Vals {
			var n alloc.PID
			if _, err := fmt.Sscanf(val+"\n", "%d\n", &n); err != nil {
				c.fail("%s=%q is not a number", name, val)
			}
			all = append(all, n)
		}
	}
	return all
}

// says puts an error into the words of the manual pages.
func says(err error) string {
	var left *SurvivorsError
	if errors.As(err, &left) {
		return fmt.Sprintf("%d left: %v", left.Count, left.PIDs)
	}
	for _, e := range []struct {
		err  error
		says string
	}{
		{nil, "ok"}, {alloc.ErrFull, "EAGAIN: no free pid"}, {alloc.ErrTerminating, "ENOMEM: terminating"},
		{alloc.ErrInUse, "EEXIST"}, {ErrInvalid, "EINVAL"}, {ErrPermission, "EPERM"}, {ErrNoChild, "ECHILD"}, {ErrNoTask, "ESRCH"},
		{ErrTooDeep, "ENOSPC: too deep"}, {ErrKillInit, "not the reaper of the root"}, {ErrDead, "is dead"},
		{ErrNotFrozen, "not frozen"}, {context.Canceled, "no more waiting"},
	} {
		if errors.Is(err, e.err) {
			return e.says
		}
	}
	return err.Error()
}

// Lines that make no sense are told with the place where they stand.
func TestScenarioErrors(t *testing.T) {
	for line, want := range map[string]string{
		"frok init a":                `unknown command "frok"`,
		"fork init":                  "fork takes",
		"fork init a b":              "fork takes",
		"fork init a at=x":           `at="x" is not a number`,
		"fork init init":             `"init" is taken`,
		"fork nobody a":              `nobody is called "nobody"`,
		"fork init a max=3":          "fork takes no max=",
		"zap nowhere":                `no namespace is called "nowhere"`,
		"zap root later":             "zap takes",
		"exit init zero":             `"zero" is not a number`,
		"signal init SIGNONE":        `"SIGNONE" is no signal`,
		"told init":                  `"init" is not held`,
		"fork init a pause=3":        "pause=3: a fork has pauses 1 and 2",
		"fork init a pause=x":        `pause="x" is not a number`,
		"wait init\nps":              "wait takes no lines below it",
		"fork init a\nps":            "lines below it, and no pause=",
		"fork init a pause=1\nbogus": `unknown command "bogus"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(bareWorld(t, "", Walk))
			defer s.end()
			head, below, _ := strings.Cut(line, "\n")
			d := &datadriven.TestData{Pos: "some.txt:7", Input: below}
			var err error
			if d.Cmd, d.CmdArgs, err = datadriven.ParseLine(head); err != nil {
				t.Fatal(err)
			}
			_, err = s.play(d)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "some.txt:7: ") {
				t.Errorf("%q: error %v, want %q", line, err, want)
			}
		})
	}
}
