package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// needChromium is the environment variable that makes a missing browser a failure: continuous integration sets it.
const needChromium = "PIDMAP_NEED_CHROMIUM"

// screenshots is the environment variable that names a folder for pictures of what the tests see.
const screenshots = "PIDMAP_SCREENSHOTS"

func chromiumPath(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	why := fmt.Sprintf("none of %s in PATH, so no page is opened; on Debian: apt-get install chromium", strings.Join(names, ", "))
	if os.Getenv(needChromium) != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// startBrowser starts Chromium with an empty profile. When the test has ended, however it ended, none of its processes
// is left; after two minutes it is ended in any case.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path := chromiumPath(t)
	profile := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.Env(profileMark+profile),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true))
	quiet := func(string, ...any) {}
	ctx, _ = chromedp.NewContext(ctx, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	t.Cleanup(func() {
		chromedp.Cancel(ctx)
		stop()
		cancel()
		endProcesses(t, profile)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// endProcesses waits until no process works on this profile, and ends those that go on: an error in this test.
func endProcesses(t *testing.T, profile string) {
	var left []int
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if left = processesOf(profile); len(left) == 0 {
			return
		}
	}
	t.Errorf("processes %v of the browser were left", left)
	for _, pid := range left {
		if p, err := os.FindProcess(pid); err == nil {
			p.Kill()
		}
	}
}

// profileMark is the environment variable that every process of a browser has from the first.
const profileMark = "PIDMAP_BROWSER_PROFILE="

// processesOf lists the processes of the browser with this profile, where the system shows them.
func processesOf(profile string) []int {
	var found []int
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), profileMark+profile) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

// patience is how long one step may take, on a machine with other things to do.
const patience = 30 * time.Second

// A tab is one page of the browser and what it complained of and asked for.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string // console errors, exceptions, refused by policy, dialogs
	requests []string // addresses
}

// open shows a file in a new tab of this width, in the light or in the dark.
func open(t *testing.T, browser context.Context, path string, width int64, scheme string, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(b.hear))
	b.ctx = ctx
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("no new tab: %v", err)
	}
	b.run(send(network.Enable, network.EnableParams{}), send(log.Enable, cdp.Empty{}), send(runtime.Enable, cdp.Empty{}), send(cdppage.Enable, cdppage.EnableParams{}))
	b.view(width, scheme)
	b.run(before...)
	b.run(chromedp.Navigate("file://" + path))
	return b
}

// view sets the width of the tab, and light or dark.
func (b *tab) view(width int64, scheme string) {
	b.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	b.run(chromedp.EmulateViewport(width, 900), send(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}))
}

// send gives a command of the browser's protocol of whose result nobody asks.
func send[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, c, params)
		return chromedp.Void{}, err
	}
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.LineNumber))
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, "console."+string(e.Type))
	case *log.EventEntryAdded:
		b.problems = append(b.problems, e.Entry.Text)
	case *cdppage.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "dialog: "+e.Message)
	}
}

// quiet fails the test if the page complained, or asked for anything but itself.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the page says: %s", p)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, "file://"+os.TempDir()) || len(b.requests) > 1 {
			b.t.Errorf("the page asks for %s", url)
		}
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval gives what an expression is, as text.
func (b *tab) eval(expr string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expr+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", expr, err)
	}
	return out
}

// check compares what an expression is with what it ought to be.
func (b *tab) check(expr, want string) {
	b.t.Helper()
	if got := b.eval(expr); got != want {
		b.t.Errorf("%s\nis   %s\nwant %s", expr, got, want)
	}
}

// picture keeps a screenshot where the environment asks for one.
func (b *tab) picture(name string) {
	dir := os.Getenv(screenshots)
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666); err != nil {
		b.t.Error(err)
	}
}

// listener counts what reaches it over loopback.
func listener(t *testing.T) (address string, hits func() int) {
	var mu sync.Mutex
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		n++
		mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s.URL, func() int { mu.Lock(); defer mu.Unlock(); return n }
}
