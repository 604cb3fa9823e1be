package pidns

import "testing"

// What the quick paths do is what fork and exit do: one who takes them and one
// who does not see and leave the same.
func TestQuickIsAsSlow(t *testing.T) {
	everyRegistry(t, func(w *world) {
		seed := drawSeed(w)
		for round := range rounds(30) {
			var logs, dumps [2]string
			for i := range 2 {
				w := newWorld(w.T, w.cfg.Registry, Walk)
				if i > 0 {
					w.fault(&faults{}) // none, and no quick path either
				}
				p := w.stage(seed+uint64(round), 250, w.fork(w.init))
				logs[i], dumps[i] = p.log.String(), w.root.host.dump()
				w.check()
			}
			if logs[0] != logs[1] {
				w.Fatalf("round %d: quickly:\n%s\nslowly:\n%s", round, logs[0], logs[1])
			}
			if dumps[0] != dumps[1] {
				w.Fatalf("round %d: quickly it is\n%s\nslowly\n%s", round, dumps[0], dumps[1])
			}
		}
	})
}
