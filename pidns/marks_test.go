package pidns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"

	"example.com/pidmap/alloc"
)

// scatter forks n tasks and replaces each twice, in a random order: neighbours by number
// lie anywhere in memory, in several parts of a parallel sweep.
func scatter(t *testing.T, reaper Task, r *rand.Rand, n int) []Task {
	t.Helper()
	tasks := make([]Task, n)
	for i := range tasks {
		tasks[i] = born(t, reaper)
	}
	for range 2 {
		for _, i := range r.Perm(n) {
			end(t, reaper, tasks[i])
			tasks[i] = born(t, reaper)
		}
	}
	return tasks
}

func born(t *testing.T, reaper Task) Task {
	t.Helper()
	task, err := reaper.Fork()
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func end(t *testing.T, reaper, task Task) {
	t.Helper()
	if err := task.Exit(0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := reaper.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Every sweep marks everybody once when the tasks lie about in memory, whole
// flights and what is left over, at every distance.
func TestSweepsOfScatteredTasks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	for _, registry := range registries {
		for _, stride := range []int{0, 256, 1024} {
			for _, n := range []int{1, flightSize - 1, flightSize, 2*flightSize + 1, 1000} {
				ns, err := New(Config{Registry: registry, Stride: stride, Lists: keepAll})
				if err != nil {
					t.Fatal(err)
				}
				tasks := scatter(t, ns.Reaper(), r, n)
				for _, sweep := range sweeps {
					marked, err := ns.Mark(sweep, syscall.SIGURG)
					if err != nil || marked != n {
						t.Errorf("%s, stride %d, %s: %d marks of %d, %v", registry, stride, sweep, marked, n, err)
					}
					for _, task := range tasks {
						if !slices.Equal(task.Pending(), []syscall.Signal{syscall.SIGURG}) {
							t.Fatalf("%s, stride %d, %s: pid %d is not marked", registry, stride, sweep, task.PID())
						}
					}
					ns.Deliver()
				}
			}
		}
	}
}

// A sweep beside exits, forks and reaping misses nobody who stays, and marks no
// stranger.
func TestSweepsBesideExits(t *testing.T) {
	const stay, come = 3000, 300
	for _, registry := range []string{TreeTable, TreeHash, IDR} {
		for _, sweep := range sweeps {
			t.Run(fmt.Sprintf("registry=%s/sweep=%s", registry, sweep), func(t *testing.T) {
				root, err := New(Config{Registry: registry, Limits: alloc.Limits{Max: 1 << 16}, Lists: keepAll})
				if err != nil {
					t.Fatal(err)
				}
				reaper, err := root.Reaper().ForkNamespace(Config{Registry: registry, Limits: alloc.Limits{Max: partSize + partSize/4}, Lists: keepAll})
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(2, 0))
				ns, stranger := reaper.Namespace(), born(t, root.Reaper())
				stayers := scatter(t, reaper, r, stay)
				var comers sync.WaitGroup
				stop := make(chan struct{})
				comers.Go(func() { comeAndGo(t, reaper, r, come, stop) })
				for range 8 {
					n, err := ns.Mark(sweep, syscall.SIGURG)
					if err != nil || n < stay || n > stay+come {
						t.Errorf("%d marks, want %d to %d; %v", n, stay, stay+come, err)
					}
					for _, task := range stayers {
						if task.Pending() == nil {
							t.Errorf("pid %d stays and was missed", task.PID())
							break
						}
					}
					if stranger.Pending() != nil || reaper.Pending() != nil {
						t.Error("a stranger or the reaper was marked")
					}
					ns.Deliver()
				}
				close(stop)
				comers.Wait()
			})
		}
	}
}

// comeAndGo keeps up to n short lives beside the others until it is stopped.
func comeAndGo(t *testing.T, reaper Task, r *rand.Rand, n int, stop chan struct{}) {
	var lives []Task
	for {
		select {
		case <-stop:
			return
		default:
		}
		if len(lives) < n {
			task, err := reaper.Fork()
			if err != nil {
				t.Error(err)
				return
			}
			lives = append(lives, task)
		}
		if i := r.IntN(n); i < len(lives) {
			if err := lives[i].Exit(0); err != nil {
				t.Error(err)
				return
			}
			if _, _, err := reaper.Wait(context.Background()); err != nil {
				t.Error(err)
				return
			}
			lives = slices.Delete(lives, i, i+1)
		}
	}
}
