package pidns

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing/synctest"

	"example.com/pidmap/alloc"
	"github.com/cockroachdb/datadriven"
)

// verb is a command of the scenarios.
type verb struct {
	name        string
	usage       string
	least, most int // words that it takes
	options     []string
	do          func(c *typed) string
}

// verbs is a function, since a verb may play others.
func verbs() []verb {
	return []verb{
		{"fork", "PARENT NAME [at=(PID, …)]", 2, 2, []string{"at", "pause"}, func(c *typed) string {
			return c.birth(func(t Task) (Task, error) { return t.ForkAt(c.option("at")...) })
		}},
		{"thread", "LEADER NAME", 2, 2, []string{"pause"}, func(c *typed) string { return c.birth(Task.Thread) }},
		{"space", "PARENT NAME [max=N] [at=(PID, …)]", 2, 2, []string{"at", "max", "pause"}, func(c *typed) string {
			cfg := c.w.cfg
			if most := c.option("max"); len(most) == 1 {
				cfg.Limits.Max = most[0]
			}
			return c.birth(func(t Task) (Task, error) { return t.ForkNamespace(cfg, c.option("at")...) })
		}},
		{"enter", "TASK NAMESPACE", 2, 2, nil, func(c *typed) string { return says(c.task(0).Enter(c.space(1))) }},
		{"limit", "TASK [NAMESPACE]", 1, 2, nil, func(c *typed) string {
			var ns *Namespace
			if len(c.words) > 1 {
				ns = c.space(1)
			}
			return says(c.task(0).LimitForkAt(ns))
		}},
		{"exit", "TASK [STATUS]", 1, 2, nil, func(c *typed) string { return says(c.task(0).Exit(c.number(1, 0))) }},
		{"exitgroup", "TASK [STATUS]", 1, 2, nil, func(c *typed) string { return says(c.task(0).ExitGroup(c.number(1, 0))) }},
		{"kill", "TASK SIGNAL PID", 3, 3, nil, func(c *typed) string {
			return says(c.task(0).Kill(alloc.PID(c.number(2, 0)), c.signal(1)))
		}},
		{"signal", "TASK SIGNAL", 2, 2, nil, func(c *typed) string { return says(c.task(0).Signal(c.signal(1))) }},
		{"sweep", "NAMESPACE SIGNAL", 2, 2, nil, func(c *typed) string {
			_, err := c.space(0).Signal(c.w.sweep, c.signal(1)) // how many differs: leaders are fewer
			return says(err)
		}},
		{"hold", "TASK", 1, 1, nil, func(c *typed) string {
			c.told[c.words[0]] = &told{}
			return says(c.task(0).OnSignal(c.told[c.words[0]].hook))
		}},
		{"unhold", "TASK", 1, 1, nil, func(c *typed) string { return says(c.task(0).OnSignal(nil)) }},
		{"told", "TASK", 1, 1, nil, (*typed).toldWhat},
		{"subreaper", "TASK", 1, 1, nil, func(c *typed) string { return says(c.task(0).SetSubreaper(true)) }},
		{"wait", "TASK", 1, 1, nil, (*typed).wait},
		{"zap", "NAMESPACE [now]", 1, 2, nil, (*typed).zap},
		{"jobs", "nothing", 0, 0, nil, (*typed).listJobs},
		{"freeze", "NAMESPACE", 1, 1, nil, func(c *typed) string {
			ns := c.space(0)
			return c.start("freeze "+c.words[0], func(ctx context.Context) string {
				_, err := ns.Freeze(ctx, c.w.sweep)
				return says(err)
			})
		}},
		{"thaw", "NAMESPACE", 1, 1, nil, func(c *typed) string { return says(c.space(0).Thaw()) }},
		{"ps", "[NAMESPACE]", 0, 1, nil, (*typed).ps},
		{"pids", "TASK", 1, 1, nil, func(c *typed) string { return c.numbers(c.task(0)) }},
		{"parent", "TASK", 1, 1, nil, (*typed).parent},
		{"namespace", "NAMESPACE", 1, 1, nil, func(c *typed) string {
			ns := c.space(0)
			gate := "open"
			if ns.Terminating() {
				gate = "shut"
			}
			return fmt.Sprintf("tasks %d, last pid %d, gate %s", ns.Len(), ns.Last(), gate)
		}},
	}
}

// birth makes somebody, and gives a name to who is born.
func (c *typed) birth(f func(Task) (Task, error)) string {
	by, name := c.task(0), c.words[1]
	if _, taken := c.tasks[name]; taken {
		c.fail("%q is taken", name)
	}
	c.option("at")
	step := c.pauseAt()
	stopped, goOn := make(chan struct{}), make(chan struct{})
	if step > 0 {
		c.w.fault(pauses(step, func() { close(stopped); <-goOn }))
	}
	j := c.launch(strings.Join(append([]string{c.data.Cmd}, c.words...), " "), func(context.Context) string {
		child, err := f(by)
		if err != nil {
			return says(err)
		}
		c.tasks[name] = child
		if ns := child.Namespace(); ns != nil && ns.Reaper() == child {
			c.spaces[name] = ns
		}
		return name + " is " + c.numbers(child)
	})
	synctest.Wait()
	between := ""
	select {
	case <-stopped:
		func() {
			defer close(goOn)
			between = c.meanwhile()
		}()
	default:
	}
	said := c.answer(j)
	c.w.fault(nil)
	return between + said
}

// pauseAt is the step of a birth after which the lines below it come; 0: none.
func (c *typed) pauseAt() int {
	at := c.option("pause")
	switch {
	case len(at) == 0 && c.data.Input != "":
		c.fail("lines below it, and no pause=")
	case len(at) == 0:
		return 0
	case len(at) > 1 || at[0] < 1 || at[0] > 2:
		c.fail("pause=%d: a fork has pauses 1 and 2", at[0])
	}
	return int(at[0])
}

// meanwhile does the lines below a birth that is in a pause.
func (c *typed) meanwhile() string {
	f := c.w.root.host.faults
	c.w.fault(nil)
	c.inside = true
	defer func() {
		c.inside = false
		c.w.fault(f)
	}()
	var out strings.Builder
	for _, line := range strings.Split(c.data.Input, "\n") {
		cmd, args, err := datadriven.ParseLine(line)
		if err != nil {
			c.fail("%v", err)
		}
		said, err := c.line(&datadriven.TestData{Pos: c.data.Pos, Cmd: cmd, CmdArgs: args})
		if err != nil {
			c.fail("%w", err)
		}
		fmt.Fprintf(&out, "  %s: %s\n", line, strings.ReplaceAll(strings.TrimSuffix(said, "\n"), "\n", "\n  "))
	}
	return out.String()
}

func (c *typed) wait() string {
	t := c.task(0)
	return c.start("wait "+c.words[0], func(ctx context.Context) string {
		pid, status, err := t.Wait(ctx)
		if err != nil {
			return says(err)
		}
		return fmt.Sprintf("pid %d, status %d", pid, status)
	})
}

// zap waits, or with "now" does not.
func (c *typed) zap() string {
	ns := c.space(0)
	if len(c.words) == 2 {
		if c.words[1] != "now" {
			c.fail("zap takes NAMESPACE [now]")
		}
		return says(ns.Zap(ended, c.w.sweep))
	}
	return c.start("zap "+c.words[0], func(ctx context.Context) string { return says(ns.Zap(ctx, c.w.sweep)) })
}

func (c *typed) listJobs() string {
	var b strings.Builder
	for i, j := range c.jobs {
		if j.waits() {
			fmt.Fprintf(&b, "[%d] %s: waits\n", i+1, j.name)
		} else {
			fmt.Fprintf(&b, "[%d] %s: %s\n", i+1, j.name, j.said)
		}
	}
	return b.String()
}

func (c *typed) toldWhat() string {
	c.task(0)
	p, ok := c.told[c.words[0]]
	if !ok {
		c.fail("%q is not held", c.words[0])
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, sig := range p.sigs {
		names = append(names, signalName(sig))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, " ")
}

func (c *typed) parent() string {
	p, ok := c.task(0).Parent()
	if !ok {
		return "none"
	}
	return c.name(p)
}

// name is what a task is called.
func (c *typed) name(t Task) string {
	for _, name := range slices.Sorted(maps.Keys(c.tasks)) {
		if c.tasks[name] == t {
			return name
		}
	}
	return "?"
}

// numbers are those at all levels, innermost first.
func (c *typed) numbers(t Task) string {
	ns := t.Namespace()
	if ns == nil {
		return "gone"
	}
	var b strings.Builder
	b.WriteString("pid")
	for sep := " "; ns != nil; ns, sep = ns.Parent(), ", " {
		pid, _ := t.PIDIn(ns)
		fmt.Fprintf(&b, "%s%d", sep, pid)
	}
	return b.String()
}

// ps lists who is in a namespace, as seen there: a parent that is not visible
// is 0.
func (c *typed) ps() string {
	ns := c.w.root
	if len(c.words) > 0 {
		ns = c.space(0)
	}
	var b strings.Builder
	b.WriteString("PID PPID TGID STATE NAME\n")
	for pid, t := range ns.Tasks() {
		ppid := alloc.PID(0)
		if p, ok := t.Parent(); ok {
			ppid, _ = p.PIDIn(ns)
		}
		tgid, state := c.standing(t, ns)
		fmt.Fprintf(&b, "%-3d %-4d %-4d %-5s %s\n", pid, ppid, tgid, state, c.name(t))
	}
	return b.String()
}

// standing is who leads a task, and the letter of its state: R runs, T is
// stopped, F frozen, K killed and held back, Z dead, and X a dead reaper whose
// namespace is not empty.
func (c *typed) standing(t Task, ns *Namespace) (alloc.PID, string) {
	h := t.host
	h.mu.Lock()
	defer h.mu.Unlock()
	r := t.record()
	state := "R"
	switch {
	case r.state == exiting:
		state = "X"
	case r.state != live:
		state = "Z"
	case r.flags&killed != 0:
		state = "K"
	case h.isFrozen(r):
		state = "F"
	case r.flags&stopped != 0:
		state = "T"
	}
	return h.number(h.slab.at(r.leader), ns.level).pid, state
}

var signalNames = map[string]syscall.Signal{
	"0": 0, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1,
	"TERM": syscall.SIGTERM, "CHLD": syscall.SIGCHLD, "CONT": syscall.SIGCONT, "STOP": syscall.SIGSTOP,
}

func signalName(sig syscall.Signal) string {
	for name, s := range signalNames {
		if s == sig {
			return name
		}
	}
	return sig.String()
}

func (c *typed) signal(i int) syscall.Signal {
	sig, ok := signalNames[c.words[i]]
	if !ok {
		c.fail("%q is no signal", c.words[i])
	}
	return sig
}
