package main

import (
	"fmt"
	"strconv"
	"strings"
)

// commandLine is what to type for the same plan again, in a shell's writing.
func commandLine(name string, addSeed bool, seed uint64, args []string) string {
	words := []string{"benchcmp", name}
	if addSeed {
		words = append(words, "-seed", strconv.FormatUint(seed, 10))
	}
	for _, a := range args {
		words = append(words, shellWord(a))
	}
	return strings.Join(words, " ")
}

func shellWord(s string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_=+,./:@%^", c)
	}
	if s != "" && leading(s, plain) == len(s) {
		return s
	}
	if strings.ContainsAny(s, "'\n\r\t") {
		return strconv.Quote(s)
	}
	return "'" + s + "'"
}

// shellFields takes a line as commandLine writes it apart again: words parted by blanks, in which '…' stands for
// itself and "…" is quoted as in Go.
func shellFields(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	in := false
	for line != "" {
		switch line[0] {
		case ' ', '\t', '\n', '\r':
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in, line = false, line[1:]
			continue
		case '\'':
			end := strings.IndexByte(line[1:], '\'')
			if end < 0 {
				return nil, fmt.Errorf("missing end quote in %s", line)
			}
			word.WriteString(line[1 : 1+end])
			line = line[end+2:]
		case '"':
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("missing end quote in %s", line)
			}
			text, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", quoted, err)
			}
			word.WriteString(text)
			line = line[len(quoted):]
		default:
			end := strings.IndexAny(line, " \t\n\r'\"")
			if end < 0 {
				end = len(line)
			}
			word.WriteString(line[:end])
			line = line[end:]
		}
		in = true
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}
