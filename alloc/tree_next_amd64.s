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

// FEW is how many words of a sum are decoded a bit at a time, DENSE how many bytes
// of eight words may be other than 0 for rounds to pay.
#define FEW 16
#define DENSE 40

// PIDS writes up to 16 pids, under mask K, so that nothing past them is written. X
// has the numbers of bits of eight bytes, a byte each: the upper three bits of a
// number say which byte, whose first number is in Z5, and the others which bit.
#define PIDS(X, Z, K, AT) \
	VPMOVZXBD X, Z; \
	VPSRLD $3, Z, Z7; \
	VPERMD Z5, Z7, Z7; \
	VPANDD Z8, Z, Z; \
	VPADDD Z7, Z, Z; \
	VMOVDQU32 Z, K, AT(DI)

// PLAIN is the same for numbers of bits of one word, whose first number is in Z6.
#define PLAIN(X, Z, K, AT) \
	VPMOVZXBD X, Z; \
	VPADDD Z6, Z, Z; \
	VMOVDQU32 Z, K, AT(DI)

// REST does what there is beyond the first 16, three more groups of which the last
// may be empty.
#define REST(WRITE) \
	VEXTRACTI32X4 $1, Z4, X10; \
	VEXTRACTI32X4 $2, Z4, X11; \
	VEXTRACTI32X4 $3, Z4, X12; \
	KSHIFTRQ $16, K3, K4; \
	KSHIFTRQ $32, K3, K5; \
	KSHIFTRQ $48, K3, K6; \
	WRITE(X10, Z10, K4, 64); \
	WRITE(X11, Z11, K5, 128); \
	WRITE(X12, Z12, K6, 192)

// func decodeNode(dst *PID, room int, words *uint64, sums *node, mask, some, used uint64, base PID) int
//
// Registers:
//
//	DI, R8       where the next pid goes, and for how many there is room
//	BX           the sums that are still to be decoded
//	R9, SI, R11  of the sum at hand: words to be decoded, its first word, its first number
//	R13          of its eight words at hand: those to be decoded
//	AX, CX       the word at hand, or one made of eight bytes, and how many bits it has
//	Z2, Z3, DX   bytes of eight words that are not 0, where they were, and how many they are
//	R12, Z0, Z8, Z9  all ones; 0 to 63, a byte each; 7 in each of 16; 0
TEXT ·decodeNode(SB), NOSPLIT, $0-72
	MOVQ dst+0(FP), DI
	MOVQ room+8(FP), R8
	MOVQ mask+32(FP), BX
	MOVQ some+40(FP), R9
	MOVQ used+48(FP), AX
	MOVLQSX base+56(FP), R10
	MOVQ R10, R11
	ANDQ $~4095, R11
	MOVQ R10, CX
	SHRQ $12, CX
	ANDL $63, CX
	SHLQ $9, CX
	MOVQ words+16(FP), SI
	ADDQ CX, SI
	MOVQ $-1, R12
	VMOVDQU64 iota<>(SB), Z0
	MOVL $7, CX
	VPBROADCASTD CX, Z8
	VPXORQ Z9, Z9, Z9
	XORL R13, R13
	TESTQ AX, AX
	JNZ word

sum: // what is left of a sum
	POPCNTQ R9, CX
	CMPQ CX, $FEW
	JHI eight
	TESTQ R9, R9
	JZ nextsum

single: // a sum of few words, a bit at a time
	TZCNTQ R9, R10
	BLSRQ R9, R9
	MOVQ (SI)(R10*8), AX
	SHLQ $6, R10
	ADDQ R11, R10

bit:
	TZCNTQ AX, CX
	ADDQ R10, CX
	MOVL CX, (DI)
	ADDQ $4, DI
	DECQ R8
	JZ done
	BLSRQ AX, AX
	JNZ bit
	TESTQ R9, R9
	JNZ single

nextsum:
	TESTQ R8, R8
	JZ done
	TESTQ BX, BX
	JZ done
	TZCNTQ BX, CX
	BLSRQ BX, BX
	MOVQ CX, R11
	SHLQ $4, CX
	MOVQ sums+24(FP), SI
	MOVQ 8(SI)(CX*1), R9
	SHLQ $5, CX
	MOVQ words+16(FP), SI
	ADDQ CX, SI
	SHLQ $12, R11
	MOVL base+56(FP), R10
	ANDL $~(64*4096-1), R10
	ADDQ R10, R11
	JMP sum

eight: // the next eight words of a sum
	TESTQ R9, R9
	JZ nextsum
	TZCNTQ R9, CX
	ANDL $56, CX
	MOVL $255, R13
	SHLXQ CX, R13, R13
	ANDQ R9, R13
	XORQ R13, R9
	SHRXQ CX, R13, AX
	KMOVW AX, K1
	VMOVDQU64.Z (SI)(CX*8), K1, Z1
	VPTESTMB Z1, Z1, K2
	KMOVQ K2, DX
	POPCNTQ DX, DX
	CMPQ DX, $DENSE
	JHI nextword
	VPCOMPRESSB.Z Z1, K2, Z2
	VPCOMPRESSB.Z Z0, K2, Z3
	SHLQ $6, CX
	ADDQ R11, CX
	VPBROADCASTD CX, Z6

round: // the next eight bytes
	VMOVQ X2, AX
	POPCNTQ AX, CX
	CMPQ CX, R8
	JHI cutround

pids:
	KMOVQ AX, K3
	VPCOMPRESSB.Z Z0, K3, Z4
	BZHIQ CX, R12, AX
	KMOVQ AX, K3
	VPMOVZXBD X3, Z5
	VPSLLD $3, Z5, Z5
	VPADDD Z6, Z5, Z5
	PIDS(X4, Z10, K3, 0)
	CMPQ CX, $16
	JHI wideround

endround:
	LEAQ (DI)(CX*4), DI
	SUBQ CX, R8
	SUBQ $8, DX
	JLE eight
	VALIGNQ $1, Z2, Z9, Z2
	VALIGNQ $1, Z3, Z9, Z3
	JMP round

wideround:
	REST(PIDS)
	JMP endround

cutround: // the lowest, as many as there is room for, are the last
	BZHIQ R8, R12, CX
	PDEPQ AX, CX, AX
	MOVQ R8, CX
	XORL R9, R9
	XORL BX, BX
	XORL DX, DX
	TESTQ CX, CX
	JNZ pids
	JMP done

nextword: // of eight that are dense
	TESTQ R13, R13
	JZ eight
	TZCNTQ R13, R10
	BLSRQ R13, R13
	MOVQ (SI)(R10*8), AX
	SHLQ $6, R10
	ADDQ R11, R10

word:
	POPCNTQ AX, CX
	CMPQ CX, R8
	JHI cut

decode:
	KMOVQ AX, K3
	VPCOMPRESSB.Z Z0, K3, Z4
	VPBROADCASTD R10, Z6
	BZHIQ CX, R12, AX
	KMOVQ AX, K3
	PLAIN(X4, Z10, K3, 0)
	CMPQ CX, $16
	JHI wide

stored:
	LEAQ (DI)(CX*4), DI
	SUBQ CX, R8
	JMP nextword

wide:
	REST(PLAIN)
	JMP stored

cut: // as above
	BZHIQ R8, R12, CX
	PDEPQ AX, CX, AX
	MOVQ R8, CX
	XORL R9, R9
	XORL R13, R13
	XORL BX, BX
	TESTQ CX, CX
	JNZ decode

done:
	SUBQ dst+0(FP), DI
	SHRQ $2, DI
	MOVQ DI, ret+64(FP)
	VZEROUPPER
	RET
