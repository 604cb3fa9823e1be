#include "textflag.h"

// func prefetch(records **record, n int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ records+0(FP), AX
	MOVQ n+8(FP), CX
	JMP  test

next:
	MOVQ       (AX), BX
	PREFETCHT0 (BX)
	ADDQ       $8, AX
	DECQ       CX

test:
	TESTQ CX, CX
	JG    next
	RET
