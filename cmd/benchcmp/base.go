package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// withBase builds p's packages a second time, from commit p.base in a git worktree of its own that is gone when f has
// returned, and gives f both: the base first, each with the line "commit:" that tells it from the other.
func (p *plan) withBase(ctx context.Context, tmp string, here map[string]*binary, f func([]variant) error) error {
	first := here[p.pkgs[0]]
	rev, err := tool(ctx, first.dir, "git", "rev-parse", "--short=12", "--verify", "--end-of-options", p.base+"^{commit}")
	if err != nil {
		return badInput("-base %s: %w", p.base, err)
	}
	old, now := strings.TrimSpace(rev), commit(ctx, first.dir)
	if old == now {
		return badInput("-base %s: is what is checked out, %s, with no change; there is nothing to compare", p.base, now)
	}
	tree := filepath.Join(tmp, "base")
	if _, err := tool(ctx, first.dir, "git", "worktree", "add", "--detach", tree, old); err != nil {
		return failed("-base %s: %w", p.base, err)
	}
	defer removeWorktree(first.dir, tree)
	then, err := p.buildBase(ctx, tree, here, filepath.Join(tmp, "old"))
	if err != nil {
		return failed("commit %s: %w", old, err)
	}
	return f([]variant{{[2]string{"commit", old}, then}, {[2]string{"commit", now}, here}})
}

// buildBase builds in worktree tree what here holds of the folder it was taken from.
func (p *plan) buildBase(ctx context.Context, tree string, here map[string]*binary, tmp string) (map[string]*binary, error) {
	out := map[string]*binary{}
	for i, pkg := range p.pkgs {
		top, err := tool(ctx, here[pkg].dir, "git", "rev-parse", "--show-prefix")
		if err != nil {
			return nil, err
		}
		one := *p
		one.pkgs = []string{"."}
		sub := filepath.Join(tmp, joinInts([]int{i}))
		built, err := one.buildAll(ctx, filepath.Join(tree, filepath.FromSlash(strings.TrimSpace(top))), sub)
		if err != nil {
			return nil, err
		}
		out[pkg] = built["."]
	}
	return out, nil
}

// removeWorktree runs after an interrupt too, so its time is its own.
func removeWorktree(dir, tree string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := tool(ctx, dir, "git", "worktree", "remove", "--force", tree); err != nil {
		os.RemoveAll(tree)
		tool(ctx, dir, "git", "worktree", "prune")
	}
}
