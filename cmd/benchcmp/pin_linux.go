package main

import (
	"errors"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

var errNoCPU = errors.New("the system does not let this process run on one of these CPUs")

// startPinned starts cmd so that it runs on the CPUs of pin alone. A child inherits the CPUs of the thread that starts
// it, so this thread takes them on for the moment; a process that was pinned after its start would have counted its
// processors before.
func startPinned(cmd *exec.Cmd, pin []int) error {
	if len(pin) == 0 {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, want, got unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	for _, cpu := range pin {
		want.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &want); err != nil {
		return err
	}
	err := unix.SchedGetaffinity(0, &got)
	if err == nil && got != want {
		err = errNoCPU
	}
	if err == nil {
		err = cmd.Start()
	}
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// pinning tells whether this system can pin, and to that many CPUs at most.
const pinning, maxCPU = true, 1024
