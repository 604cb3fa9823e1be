package pidns

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"example.com/pidmap/alloc"
)

// good has a bit of everything: namespaces 1 to 5 are a live one, one whose
// reaper is exiting, one whose reaper is a zombie, one in the first of them, and
// one that is gone.
const good = `{"version":1,
"namespaces":[
{"in":-1,"max":400,"reserved":300,"registry":"tree+table","lists":["list"],"last":20},
{"in":0,"max":64,"reserved":1,"registry":"table","last":3,"free":[[6,64],[4,5],[2,3]],"frozen":2},
{"in":0,"max":400,"reserved":300,"registry":"idr","last":2,"shut":true},
{"in":0,"max":400,"reserved":300,"registry":"paged+hash","last":1,"shut":true},
{"in":1,"max":400,"reserved":300,"registry":"tree+hash","last":1},
{"in":0,"max":400,"reserved":300,"registry":"tree+hash","gone":true}],
"tasks":[
{"pids":[1]},
{"pids":[2],"leader":1},
{"pids":[3],"parent":1,"state":"exited","status":4,"subreaper":true},
{"pids":[4],"leader":3,"pending":[10,15],"stopped":true},
{"pids":[5],"parent":3,"born":5},
{"pids":[6],"parent":5,"status":137,"pending":[9],"doomed":true},
{"in":1,"pids":[1,7],"parent":5},
{"in":1,"pids":[3,8],"parent":7,"born":4},
{"in":4,"pids":[1,5,9],"parent":8},
{"in":2,"pids":[1,10],"parent":1,"state":"exiting","status":2},
{"in":2,"pids":[2,11],"parent":10,"pending":[9]},
{"pids":[12]},
{"pids":[13],"state":"zombie"},
{"in":3,"pids":[1,14],"parent":1,"state":"zombie","status":139},
{"pids":[15],"parent":5,"state":"zombie","pending":[17]}]}
`

func TestGoodSnapshot(t *testing.T) {
	everyRegistry(t, func(w *world) {
		snap := read(w, good)
		ns := w.restored(w.init, snap)
		w.check()
		if got := text(w, w.checkpoint(ns)); got != good {
			w.Errorf("made again, it is another:\n%s", got)
		}
		plain, err := json.Marshal(snap)
		w.ok(err)
		var again Snapshot
		if err := json.Unmarshal(plain, &again); err != nil || !reflect.DeepEqual(&again, snap) {
			w.Errorf("by encoding/json it is %+v, %v", again, err)
		}
	})
}

// What no checkpoint gives is refused, by name, and nothing happens.
func TestBadSnapshots(t *testing.T) {
	cases := []struct{ old, new, says string }{
		// namespaces
		{`"in":-1`, `"in":0`, "namespace 0: it lies in namespace 0"},
		{`{"in":0,"max":64`, `{"in":-1,"max":64`, "namespace 1: it lies in namespace -1"},
		{`{"in":0,"max":64`, `{"in":-2147483648,"max":64`, "namespace 1: it lies in"},
		{`{"in":0,"max":64`, `{"in":1,"max":64`, "namespace 1: it lies in namespace 1"},
		{`{"in":0,"max":64`, `{"in":5,"max":64`, "namespace 1: it lies in namespace 5"},
		{`{"in":0,"max":64`, `{"in":99,"max":64`, "namespace 1: it lies in namespace 99"},
		{`"gone":true}`, `"gone":true},{"in":5,"max":400,"registry":"idr"}`, "namespace 6: it lies in one that is gone"},
		{`"max":64`, `"max":1`, "Max 1"},
		{`"max":64`, `"max":-64`, "Max -64"},
		{`"max":64`, `"max":2000000000`, "Max 2000000000"},
		{`"max":64,"reserved":1`, `"max":64,"reserved":64`, "Reserved 64"},
		{`"registry":"idr"`, `"registry":"walk"`, `unknown registry "walk"`},
		{`"lists":["list"]`, `"lists":["list","walk"]`, `"walk" is no list`},
		{`"last":20`, `"last":400`, "last number 400"},
		{`"last":20`, `"last":-1`, "last number -1"},
		{`"frozen":2`, `"frozen":-1`, "frozen -1 times"},
		{`"frozen":2`, `"frozen":4611686018427387904`, "frozen 4611686018427387904 times"},
		{`"last":20`, `"frozen":1`, "namespace 0: the first one"},
		{`"last":20`, `"shut":true`, "namespace 0: the first one"},
		{`"last":20`, `"gone":true`, "namespace 0: the first one"},
		{`"gone":true`, `"gone":true,"last":3`, "namespace 5: it is gone"},
		{`"gone":true`, `"gone":true,"shut":true`, "namespace 5: it is gone"},
		{`"gone":true`, `"gone":true,"frozen":1`, "namespace 5: it is gone"},
		{`"gone":true`, `"shut":true`, "namespace 5: no reaper"},
		// queues of free numbers
		{`"last":20`, `"free":[[30,40]]`, "no queue"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[4,5]]`, "fill no table"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[4,5],[2,3],[2,3]]`, "a table of 65 numbers"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[4,5],[4,5]]`, "pid 4 in the queue"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[4,5],[3,4]]`, "pid 3 in the queue"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[5,4],[2,3]]`, "free numbers [5, 4)"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,64],[0,1],[2,3]]`, "free numbers [0, 1)"},
		{`[[6,64],[4,5],[2,3]]`, `[[6,65],[4,5]]`, "free numbers [6, 65)"},
		{`[[6,64],[4,5],[2,3]]`, `[]`, "a table of 4 numbers, up to 5"},
		// numbers
		{`{"pids":[1]},`, ``, "number 1 is no leader"},
		{`{"in":1,"pids":[1,7]`, `{"in":1,"pids":[2,7]`, "namespace 1: no reaper"},
		{`{"pids":[12]}`, `{"in":6,"pids":[12]}`, "it is in namespace 6"},
		{`{"pids":[12]}`, `{"in":-1,"pids":[12]}`, "it is in namespace -1"},
		{`{"pids":[12]}`, `{"in":5,"pids":[2,12]}`, "it is in namespace 5"},
		{`{"pids":[12]}`, `{"pids":[]}`, "0 numbers for 1 levels"},
		{`{"pids":[12]}`, `{"pids":[2,12]}`, "2 numbers for 1 levels"},
		{`{"pids":[12]}`, `{"in":1,"pids":[12]}`, "1 numbers for 2 levels"},
		{`{"pids":[12]}`, `{"pids":[400]}`, "number 400 is not in [1, 400)"},
		{`{"pids":[12]}`, `{"pids":[0]}`, "number 0 is not in"},
		{`{"pids":[12]}`, `{"pids":[-12]}`, "number -12 is not in"},
		{`[3,8]`, `[64,8]`, "number 64 is not in [1, 64)"},
		{`{"pids":[12]}`, `{"pids":[11]}`, "number 11 of namespace 0"},
		{`[1,5,9]`, `[1,3,9]`, "number 3 of namespace 1"},
		{`[1,5,9]`, `[1,1,9]`, "number 1 of namespace 1"},
		{`{"pids":[2],"leader":1},`, `{"pids":[2],"leader":1},{"in":4,"pids":[2,2,1]},`, "number 1 of namespace 0"},
		{`{"pids":[1]},`, `{"in":1,"pids":[9,1]},`, "pid 1 of namespace 0, and not its reaper"},
		{`{"in":1,"pids":[1,7],"parent":5}`, `{"in":1,"pids":[1,7],"leader":5}`, "pid 1 of namespace 1, and not its reaper"},
		// families
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":99`, "number 99 is no leader"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":-1`, "number -1 is no leader"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":3`, "number 3 is no leader"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":2`, "number 2 is no leader"},
		{`"pids":[4],"leader":3`, `"pids":[4],"leader":2`, "number 2 is no leader"},
		{`"pids":[3,8],"parent":7`, `"pids":[3,8],"leader":5`, "number 5 is no leader in its namespace"},
		{`"leader":1`, `"leader":1,"parent":1`, "a thread with a parent"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":99}`, "no parent with number 99"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":-5}`, "no parent with number -5"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":4}`, "its parent, number 4, is a thread or a zombie"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":13}`, "its parent, number 13, is a thread or a zombie"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":7}`, "its parent, number 7, cannot see it"},
		{`{"pids":[1]}`, `{"pids":[1],"parent":5}`, "its parent, number 5, cannot see it"},
		{`"pids":[1,7],"parent":5`, `"pids":[1,7],"parent":8`, "its parent, number 8, cannot see it"},
		{`"pids":[1,7],"parent":5`, `"pids":[1,7],"parent":9`, "its parent, number 9, cannot see it"},
		{`{"pids":[12]}`, `{"pids":[12],"parent":12}`, "its own ancestor"},
		{`"pids":[5],"parent":3`, `"pids":[5],"parent":6`, "its own ancestor"},
		{`"pids":[3],"parent":1`, `"pids":[3],"parent":6`, "its own ancestor"},
		// reapers
		{`"last":2,"shut":true`, `"last":2`, "its reaper is dead, and its gate not shut"},
		{`"last":1,"shut":true`, `"last":1`, "its reaper is dead, and its gate not shut"},
		{`{"in":2,"pids":[2,11],"parent":10,"pending":[9]},`, ``, "nobody is left to wait for"},
		{`{"pids":[12]}`, `{"in":3,"pids":[2,12]}`, "its reaper is a zombie, and 1 others are left"},
		{`{"pids":[1]}`, `{"pids":[1],"state":"exiting"}`, "namespace 0: its reaper is dead"},
		{`{"pids":[1]}`, `{"pids":[1],"state":"zombie"}`, "its parent, number 1, is a thread or a zombie"},
		{`"pids":[2,11],"parent":10,"pending":[9]`, `"pids":[2,11],"parent":10`, "it is not killed"},
		{`"gone":true}`, `"gone":true},{"in":2,"max":9}`, "namespace 6: no reaper"},
		{`"tasks":[`, `"tasks":[{"in":2,"pids":[3,16]},`, "it is not killed"},
		{`"gone":true}],
"tasks":[`, `"gone":true},{"in":2,"max":9}],
"tasks":[{"in":6,"pids":[1,3,16]},`, "it is not killed"},
		{`{"pids":[15],"parent":5`, `{"in":2,"pids":[3,15],"parent":10`, "a reaper that waits for nobody"},
		// states and marks
		{`{"pids":[12]}`, `{"pids":[12],"state":"live"}`, `unknown state "live"`},
		{`{"pids":[12]}`, `{"pids":[12],"state":"exited"}`, "the last of its group"},
		{`{"pids":[12]}`, `{"pids":[12],"state":"exiting"}`, "exiting, and no reaper"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":1,"state":"zombie"`, `a thread that is "zombie"`},
		{`"state":"exited"`, `"state":"zombie"`, "its parent, number 3, is a thread or a zombie"},
		{`{"pids":[12]}`, `{"pids":[12],"state":"zombie"},{"pids":[16],"leader":12}`, "a dead process with 1 threads"},
		{`{"pids":[12]}`, `{"pids":[12],"status":1}`, "marks"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":1,"status":1`, "marks"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":1,"subreaper":true`, "marks"},
		{`"pids":[2],"leader":1`, `"pids":[2],"leader":1,"doomed":true`, "marks"},
		{`"pids":[13],"state":"zombie"`, `"pids":[13],"state":"zombie","doomed":true`, "marks"},
		{`"pids":[13],"state":"zombie"`, `"pids":[13],"state":"zombie","stopped":true`, "marks"},
		{`"state":"exited"`, `"state":"exited","stopped":true`, "marks"},
		{`"state":"exited"`, `"state":"exited","born":1`, "marks"},
		{`"status":137,"pending":[9]`, `"status":137`, "it is not killed"},
		{`"state":"exited"`, `"state":"exited","doomed":true`, "it is not killed"},
		{`[10,15]`, `[10,0]`, "signal 0"},
		{`[10,15]`, `[32]`, "signal 32"},
		{`[10,15]`, `[-1]`, "signal -1"},
		{`"born":5`, `"born":6`, "born in namespace 6"},
		{`"born":5`, `"born":-1`, "born in namespace -1"},
		{`"born":4`, `"born":1`, "born in namespace 1"},
		{`"born":4`, `"born":2`, "born in namespace 2"},
		// numbers that would take more memory than there is
		{`"max":64,"reserved":1,"registry":"table","last":3,"free":[[6,64]`, `"max":1073741824,"reserved":1,"registry":"table","last":3,"free":[[6,1073741824]`, "of tables"},
		{`[[6,64]`, `[` + strings.Repeat(`[6,64],`, 100) + `[6,64]`, "a table of"},
	}
	w := newWorld(t, "", Walk)
	for _, c := range cases {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("nothing to replace: %s", c.old)
		}
		snap := read(t, bad)
		for _, by := range []Task{w.init, {}} {
			w.refuses(by, snap, ErrSnapshot)
		}
		if _, err := Restore(w.init, snap, nil); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v; want %q", c.new, c.old, err, c.says)
		}
		again, err := json.Marshal(snap)
		if want, _ := json.Marshal(read(t, bad)); err != nil || !bytes.Equal(again, want) {
			t.Errorf("%s: Restore has changed the snapshot", c.new)
		}
	}
}

func TestNestedTooDeepSnapshot(t *testing.T) {
	snap := read(t, good)
	for in := 1; in < 40; in = len(snap.Namespaces) - 1 {
		snap.Namespaces = append(snap.Namespaces, SnapshotNamespace{In: in, Max: 400})
	}
	if _, err := Restore(Task{}, snap, nil); !errors.Is(err, ErrSnapshot) || !errors.Is(err, ErrTooDeep) {
		t.Errorf("Restore gives %v", err)
	}
}

// Bytes that are no snapshot.
func TestReadSnapshotRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
		says string
	}{
		{``, ErrSnapshot, "unexpected end"},
		{`{`, ErrSnapshot, "unexpected end"},
		{`null`, ErrVersion, "0"},
		{`{}`, ErrVersion, "0"},
		{`[]`, ErrSnapshot, "array"},
		{`7`, ErrSnapshot, "number"},
		{`{"version":2,"what":"ever"}`, ErrVersion, "2"},
		{`{"version":"1"}`, ErrSnapshot, "string"},
		{`{"version":1,"what":"ever"}`, ErrSnapshot, `"what"`},
		{`{"version":1,"tasks":[{"pid":3}]}`, ErrSnapshot, `"pid"`},
		{`{"version":1,"tasks":[{"pids":[99999999999]}]}`, ErrSnapshot, "99999999999"},
		{`{"version":1,"tasks":[{"pids":[1.5]}]}`, ErrSnapshot, "1.5"},
		{`{"version":1,"tasks":[{"pids":["1"]}]}`, ErrSnapshot, "string"},
		{good + `{}`, ErrSnapshot, "after top-level value"},
		{good + "\x00", ErrSnapshot, "after top-level value"},
		{good[:len(good)/2], ErrSnapshot, "unexpected end"},
	} {
		snap, err := ReadSnapshot(strings.NewReader(c.text))
		if snap != nil || !errors.Is(err, c.want) || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60q is read as %v, %v; want %v, %q", c.text, snap, err, c.want, c.says)
		}
	}
	broken := errors.New("broken")
	if _, err := ReadSnapshot(io.MultiReader(strings.NewReader(good), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a reader that fails gives %v", err)
	}
	untouched := read(t, good)
	if err := json.Unmarshal([]byte(`{"version":9}`), untouched); !errors.Is(err, ErrVersion) || text(t, untouched) != good {
		t.Errorf("a failure, %v, has changed the snapshot", err)
	}
	for _, snap := range []*Snapshot{nil, {}, {Version: 2}, {Version: 1}} {
		if ns, err := Restore(Task{}, snap, nil); ns != nil || !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v is restored: %v", snap, err)
		}
	}
}

// failing is a writer that takes so many bytes.
type failing int

func (n *failing) Write(p []byte) (int, error) {
	if len(p) > int(*n) {
		k := int(*n)
		*n = 0
		return k, io.ErrShortWrite
	}
	*n -= failing(len(p))
	return len(p), nil
}

func TestWriteToFails(t *testing.T) {
	n := failing(100)
	if got, err := read(t, good).WriteTo(&n); got != 100 || !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("WriteTo gives %d, %v", got, err)
	}
}

// FuzzRestore takes any bytes for a snapshot: they are refused by name, or make
// a namespace that holds together, is what it says it is when taken down again,
// and can be thawed and ended.
func FuzzRestore(f *testing.F) {
	f.Add([]byte(good))
	for seed := range uint64(8) {
		w := &world{cfg: Config{Registry: registries[seed%5], Lists: keepAll, Limits: alloc.Limits{Max: 4096}}}
		root, err := New(w.cfg)
		if err != nil {
			f.Fatal(err)
		}
		w.root, w.init = root, root.Reaper()
		w.T = new(testing.T) // for its Helper
		p := w.stage(seed, 60, w.init)
		f.Add([]byte(text(f, p.take())))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		snap, err := ReadSnapshot(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		for _, n := range snap.Namespaces {
			if n.Max > 1<<16 || len(snap.Namespaces) > 100 {
				_, _ = snap.plan() // takes no memory for them
				return
			}
		}
		for _, nested := range []bool{false, true} {
			if err := tryOut(snap, nested); err != nil {
				t.Fatalf("nested=%t: %v", nested, err)
			}
		}
	})
}
