#include "go_asm.h"
#include "textflag.h"

// func prefetch(slots *uint32, n int, chunks *unsafe.Pointer, stride uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVD slots+0(FP), R0
	MOVD n+8(FP), R1
	MOVD chunks+16(FP), R2
	MOVD stride+24(FP), R3

next:
	CMP     $0, R1
	BLE     done
	MOVWU.P 4(R0), R4
	LSR     $const_chunkBits, R4, R5
	MOVD    (R2)(R5<<3), R5
	AND     $(const_chunkSize-1), R4, R4
	MUL     R3, R4, R4
	ADD     R5, R4, R4
	PRFM    (R4), PLDL1KEEP
	SUB     $1, R1
	B       next

done:
	RET
