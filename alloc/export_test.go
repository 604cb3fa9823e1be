package alloc

// HoldShard runs f while it holds shard i, counted round and round.
func (s *Sharded) HoldShard(i int, f func()) {
	h := &s.shards[i%len(s.shards)]
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}
