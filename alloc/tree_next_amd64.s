//go:build !race

#include "textflag.h"

DATA iota<>+0(SB)/8, $0x0706050403020100
DATA iota<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA iota<>+16(SB)/8, $0x1716151413121110
DATA iota<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA iota<>+32(SB)/8, $0x2726252423222120
DATA iota<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA iota<>+48(SB)/8, $0x3736353433323130
DATA iota<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL iota<>(SB), RODATA|NOPTR, $64

// func decodeSum(dst *PID, room int, words *uint64, some, used uint64, base PID) int
//
// The numbers 0 to 63, a byte each, are compressed by a word; 16 bytes at a time
// are widened, put upon the word's base and stored under a mask as wide as the
// word has pids, so that nothing past them is written.
TEXT ·decodeSum(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ room+8(FP), R8
	MOVQ words+16(FP), SI
	MOVQ some+24(FP), R9
	MOVQ used+32(FP), AX
	MOVLQSX base+40(FP), R10
	MOVQ R10, R11
	ANDQ $~4095, R11 // the sum's base
	MOVQ $-1, R12
	VMOVDQU64 iota<>(SB), Z0
	TESTQ AX, AX
	JZ next

word:
	POPCNTQ AX, CX
	CMPQ CX, R8
	JHI cut

decode:
	KMOVQ AX, K1
	VPCOMPRESSB.Z Z0, K1, Z1
	VPBROADCASTD R10, Z2
	BZHIQ CX, R12, BX
	KMOVQ BX, K2
	VPMOVZXBD X1, Z3
	VPADDD Z2, Z3, Z3
	VMOVDQU32 Z3, K2, (DI)
	CMPQ CX, $16
	JHI wide

stored:
	LEAQ (DI)(CX*4), DI
	SUBQ CX, R8

next:
	TESTQ R9, R9
	JZ done
	TZCNTQ R9, R10
	BLSRQ R9, R9
	MOVQ (SI)(R10*8), AX
	SHLQ $6, R10
	ADDQ R11, R10
	JMP word

wide: // three more groups of 16, of which the last may be empty
	VEXTRACTI32X4 $1, Z1, X3
	VEXTRACTI32X4 $2, Z1, X4
	VEXTRACTI32X4 $3, Z1, X5
	KSHIFTRQ $16, K2, K3
	KSHIFTRQ $32, K2, K4
	KSHIFTRQ $48, K2, K5
	VPMOVZXBD X3, Z3
	VPMOVZXBD X4, Z4
	VPMOVZXBD X5, Z5
	VPADDD Z2, Z3, Z3
	VPADDD Z2, Z4, Z4
	VPADDD Z2, Z5, Z5
	VMOVDQU32 Z3, K3, 64(DI)
	VMOVDQU32 Z4, K4, 128(DI)
	VMOVDQU32 Z5, K5, 192(DI)
	JMP stored

cut: // the word's lowest pids, as many as there is room for, are the last
	BZHIQ R8, R12, BX
	PDEPQ AX, BX, AX
	MOVQ R8, CX
	XORL R9, R9
	TESTQ CX, CX
	JNZ decode

done:
	SUBQ dst+0(FP), DI
	SHRQ $2, DI
	MOVQ DI, ret+48(FP)
	VZEROUPPER
	RET
