package alloctest

import (
	"math"
	"math/rand/v2"

	"example.com/pidmap/alloc"
)

// A program is bytes that spell calls: opSize bytes each, a kind and two
// operands of three bytes. The random cases draw the bytes, the fuzz targets
// let the fuzzer find them; what is left over at the end spells nothing.
const opSize = 7

// opTerminate is the one kind of call that random programs leave out.
const opTerminate = 255

// randomProgram spells n calls, none of them Terminate.
func randomProgram(r *rand.Rand, n int) []byte {
	program := make([]byte, n*opSize)
	for i := range program {
		program[i] = byte(r.Uint32())
		if i%opSize == 0 && program[i] == opTerminate {
			program[i] = 0
		}
	}
	return program
}

// call is one decoded call.
type call struct {
	kind byte
	a, b alloc.PID
}

// decode splits off the first call of the program.
func decode(program []byte, top alloc.PID) (c call, rest []byte, ok bool) {
	if len(program) < opSize {
		return c, nil, false
	}
	c = call{program[0], operand(program[1:4], top), operand(program[4:7], top)}
	return c, program[opSize:], true
}

// operand spells a pid from three bytes: mostly one in [-2, top+2), and for the
// first byte's highest values a border or an odd number.
func operand(b []byte, top alloc.PID) alloc.PID {
	if b[0] < 0xe0 {
		n := uint64(b[0])<<16 | uint64(b[1])<<8 | uint64(b[2])
		return alloc.PID(n%(uint64(top)+4)) - 2
	}
	odd := oddPIDs(top)
	return odd[int(b[1])%len(odd)]
}

// oddPIDs are the arguments that nobody means to give, and the borders.
func oddPIDs(top alloc.PID) []alloc.PID {
	return []alloc.PID{
		math.MinInt32, math.MinInt32 + 1, -64, -2, -1, 0, 1, 2, 62, 63, 64, 65,
		top - 2, top - 1, top, top + 1, top + 63, top + 64, math.MaxInt32 - 64, math.MaxInt32 - 1, math.MaxInt32,
	}
}

// many is a number of repetitions, up to 255.
func (c call) many() alloc.PID { return alloc.PID(c.b & 0xff) }

// run is the first of many pids in a row, none beyond the largest.
func (c call) run() alloc.PID { return min(c.a, math.MaxInt32-256) }
