//go:build !linux

package main

import "os/exec"

// startPinned is never asked to pin here: see parsePin.
func startPinned(cmd *exec.Cmd, _ []int) error { return cmd.Start() }

const pinning, maxCPU = false, 0
