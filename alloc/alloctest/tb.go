package alloctest

import "testing"

// tb is what a case needs of *testing.T. The cases are written against it, so
// that the suite itself can be tested: what it must reject is run against a tb
// that notes failures and passes them on to nobody.
type tb interface {
	reporter
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Run(name string, f func(tb)) bool
}

// reporter is the part that the fuzz targets' *testing.T and F have too.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// live is the tb of a real test.
type live struct{ *testing.T }

func (l live) Run(name string, f func(tb)) bool {
	return l.T.Run(name, func(t *testing.T) { f(live{t}) })
}
