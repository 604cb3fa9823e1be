package main

// A set holds each of its elements once, in the order in which they were added. The zero value is empty.
type set[T comparable] struct {
	list []T
	has  map[T]bool
}

func (s *set[T]) add(x T) {
	if s.has[x] {
		return
	}
	if s.has == nil {
		s.has = map[T]bool{}
	}
	s.has[x] = true
	s.list = append(s.list, x)
}
