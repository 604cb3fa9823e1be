package pidns

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"syscall"

	"example.com/pidmap/alloc"
)

// Errors of snapshots. Both wrap ErrInvalid; what is wrong stands behind them.
var (
	ErrSnapshot error = snapshotError("pidns: bad snapshot")                // what no Checkpoint gives
	ErrVersion  error = snapshotError("pidns: unknown version of snapshot") // of a later time, or no snapshot at all
)

type snapshotError string

func (e snapshotError) Error() string { return string(e) }
func (e snapshotError) Unwrap() error { return ErrInvalid }

// snapshotVersion is the one version that there is. It changes with the meaning
// of what is there. A field that is added, and means what was meant before where
// it is missing, changes no meaning: old snapshots are read as before, and an old
// reader refuses a new one that has it, as it does every field unknown to it.
const snapshotVersion = 1

// Snapshot is a namespace at one moment, those below it included: what
// Checkpoint gives and Restore takes. Tasks are named in it by their number in
// the first namespace, the one that was checkpointed, and namespaces by their
// place in the list; nothing above the first namespace is in it, and no program
// (OnSignal). Two checkpoints of the same state are equal, byte by byte.
//
// It is plain data, for encoding/json too: reading refuses unknown versions and
// unknown fields. Signals are the numbers of the machine that wrote them.
type Snapshot struct {
	Version    int                 `json:"version"`    // 1
	Namespaces []SnapshotNamespace `json:"namespaces"` // outer ones before those in them
	// Tasks come in an order that says the rest: a thread comes after its leader
	// and after the threads that are older; the zombies of one parent come in
	// the order in which Wait gives them.
	Tasks []SnapshotTask `json:"tasks"`
}

// SnapshotNamespace is a namespace of a Snapshot.
type SnapshotNamespace struct {
	In       int       `json:"in"` // the namespace that holds it; -1 for the first
	Max      alloc.PID `json:"max"`
	Reserved alloc.PID `json:"reserved"`
	Registry string    `json:"registry"`
	Lists    []Sweep   `json:"lists,omitempty"`
	Last     alloc.PID `json:"last,omitempty"` // the number handed out last
	// Free is the queue of the free numbers, first to go out first, in
	// ascending runs [lo, hi): of the registry "table", which has one.
	Free   [][2]alloc.PID `json:"free,omitempty"`
	Frozen int            `json:"frozen,omitempty"` // how often it has been frozen itself; 0 for the first, which Restore freezes once
	Shut   bool           `json:"shut,omitempty"`   // its gate is: nobody is born there any more
	// Gone says that nobody is left in it, its reaper included; it is there for
	// the tasks whose children would be born in it (Born).
	Gone bool `json:"gone,omitempty"`
}

// SnapshotTask is a task of a Snapshot: a process, or a thread of one.
type SnapshotTask struct {
	In     int         `json:"in,omitempty"`     // its namespace
	PIDs   []alloc.PID `json:"pids"`             // its numbers, innermost level first, as ForkAt takes them: the last is that in the first namespace
	Leader alloc.PID   `json:"leader,omitempty"` // of its thread group, for a thread; 0 for the leader itself
	Parent alloc.PID   `json:"parent,omitempty"` // the leader of the parent process; 0 where that is outside, and for threads

	State   string           `json:"state,omitempty"`   // "" runs; "exited": a leader, before its threads; "exiting": a reaper, before its namespace is empty; "zombie"
	Status  int32            `json:"status,omitempty"`  // what Wait will give, once that is known
	Pending []syscall.Signal `json:"pending,omitempty"` // signals not delivered; and SIGKILL until it has its effect, told to a program or not

	Stopped   bool `json:"stopped,omitempty"`   // its process is, by SIGSTOP, until SIGCONT; said of each thread that runs, and of one is enough
	Subreaper bool `json:"subreaper,omitempty"` // SetSubreaper
	Doomed    bool `json:"doomed,omitempty"`    // a leader: the whole group has been killed or has exited, with Status, and goes
	// Limited is at how many levels, the first namespace's and those below it,
	// the task may not choose numbers (LimitForkAt). Above, whoever restores it
	// may for it.
	Limited int `json:"limited,omitempty"`
	Born    int `json:"born,omitempty"` // the namespace where its children are born, after Enter; 0: its own
}

// The values of SnapshotTask.State but "", and the states that they stand for.
const (
	stateExited  = "exited"
	stateExiting = "exiting"
	stateZombie  = "zombie"
)

// UnmarshalJSON reads a snapshot. It fails with ErrVersion, and with
// ErrSnapshot for anything that is not of the form: unknown fields, numbers
// that are none, something behind the end. Whether the snapshot can be is for
// Restore to say.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	var head struct{ Version int }
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if head.Version != snapshotVersion {
		return fmt.Errorf("%w: %d", ErrVersion, head.Version)
	}
	type fields Snapshot
	var read fields
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	*s = Snapshot(read)
	return nil
}

// ReadSnapshot reads one snapshot and nothing behind it, all of r, into memory:
// what comes from strangers wants an io.LimitReader. It fails as UnmarshalJSON
// does, also where r is no JSON, and as r does. It costs some microseconds a
// task.
func ReadSnapshot(r io.Reader) (*Snapshot, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{}
	if err := s.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	return s, nil
}

// WriteTo writes the snapshot as JSON with a line for each namespace and each
// task, about 30 bytes a task at the first level, so that snapshots can be read
// and compared line by line. It fails as w does.
func (s *Snapshot) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"version\":%d,\n\"namespaces\":[", s.Version)
	err := writeLines(&b, s.Namespaces)
	b.WriteString("],\n\"tasks\":[")
	if err == nil {
		err = writeLines(&b, s.Tasks)
	}
	if err != nil {
		return 0, err
	}
	b.WriteString("]}\n")
	return b.WriteTo(w)
}

func writeLines[T any](b *bytes.Buffer, items []T) error {
	for i := range items {
		line, err := json.Marshal(&items[i])
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	return nil
}

func (n *SnapshotNamespace) limits() alloc.Limits {
	return alloc.Limits{Max: n.Max, Reserved: n.Reserved}
}
