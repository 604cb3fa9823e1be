#include "go_asm.h"
#include "textflag.h"

// func prefetch(slots *uint32, n int, chunks *unsafe.Pointer, stride uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVQ slots+0(FP), AX
	MOVQ n+8(FP), CX
	MOVQ chunks+16(FP), DX
	MOVQ stride+24(FP), SI
	JMP  test

next:
	MOVL       (AX), BX
	MOVL       BX, DI
	SHRL       $const_chunkBits, DI
	ANDL       $(const_chunkSize-1), BX
	IMULQ      SI, BX
	ADDQ       (DX)(DI*8), BX
	PREFETCHT0 (BX)
	ADDQ       $4, AX
	DECQ       CX

test:
	TESTQ CX, CX
	JG    next
	RET
