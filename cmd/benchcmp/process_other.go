//go:build !unix

package main

import (
	"os/exec"
	"time"
)

// killGroup bounds the wait for output; without process groups only cmd itself is ended.
func killGroup(cmd *exec.Cmd) { cmd.WaitDelay = 2 * time.Second }
