package pidns

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a test starts, and nothing that the package starts, goes on when
// the tests have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
