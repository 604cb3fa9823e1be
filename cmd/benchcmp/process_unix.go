//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// killGroup makes cmd a process group of its own, so that the end of its context ends its children too and an
// interrupt from the terminal reaches benchcmp alone, which then ends them.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
}
