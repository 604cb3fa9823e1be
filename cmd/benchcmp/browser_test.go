package main

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// looks is the script that measures pages: see its comments.
//
//go:embed testdata/looks.js
var looks string

// written makes a file by a command of benchcmp.
func written(t *testing.T, name, stdin string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if code, _, errs := benchcmp(t.Context(), stdin, append(args, "-o", path)...); code != 0 {
		t.Fatalf("%v: exit %d, %s", args, code, errs)
	}
	return path
}

// TestInBrowser opens reports and pictures in Chromium, if there is one.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("opens a browser")
	}
	browser := startBrowser(t)
	run := madeRun(1, 10)
	report := written(t, "report.html", run, "report")
	files := map[string]string{
		"report":  report,
		"plot":    written(t, "plot.svg", run, "plot"),
		"two":     written(t, "two.svg", run, "plot", "-columns", "2"),
		"dense":   written(t, "dense.svg", dense(), "plot", "-side", "sweep"),
		"names":   written(t, "names.svg", run, "plot", "-row", "n,order,registry", "-filter", "n:1M"),
		"keys":    written(t, "keys.html", manyKeys(), "report", "-aa", "sweep=walk,again"),
		"hostile": written(t, "hostile.html", hostile(), append([]string{"report"}, hostileArgs...)...),
	}
	for name, path := range files {
		t.Run("looks of "+name, func(t *testing.T) { testLooks(t, browser, name, path) })
	}
	t.Run("sorts", func(t *testing.T) { testSorts(t, open(t, browser, report, 1400, "light")) })
	t.Run("filters", func(t *testing.T) { testFilters(t, open(t, browser, report, 400, "dark")) })
	t.Run("without JavaScript", func(t *testing.T) { testWithoutScript(t, browser, report) })
	t.Run("hostile names", func(t *testing.T) { testHostile(t, open(t, browser, files["hostile"], 400, "light")) })
	t.Run("network", func(t *testing.T) { testNetwork(t, open(t, browser, report, 400, "light")) })
}

// testLooks: at every width, in the light and in the dark, the page fits, its text can be read, and no text of a
// picture touches another.
func testLooks(t *testing.T, browser context.Context, name, path string) {
	b := open(t, browser, path, 400, "light")
	b.run(chromedp.Evaluate[chromedp.Void](looks))
	for _, width := range []int64{400, 1400} {
		for _, scheme := range []string{"light", "dark"} {
			b.view(width, scheme)
			b.picture(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			b.check("document.documentElement.scrollWidth <= innerWidth", "true")
			b.check("looks.small()", "")
			b.check("looks.touching()", "")
			b.check("looks.faint()", "")
			b.check("looks.unseen()", "")
			if name != "two" || width > 400 {
				b.check("looks.tiny()", "")
			}
			b.check("looks.back()", map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 27)"}[scheme])
		}
	}
	b.quiet()
}

// manyKeys is a run whose labels alone are wider than a narrow page, and whose verdicts are long.
func manyKeys() string {
	var b strings.Builder
	for range 10 {
		for _, of := range []string{"x", "y"} {
			for i, side := range []string{"walk", "again", "list"} {
				fmt.Fprintf(&b, "BenchmarkA/registry=%s/order=a-long-order/n=%s/kind=another-kind-%s/sweep=%s 1 %d ns/pid\n", strings.Repeat(of, 30), "10k", of, side, 100+9*i%10)
			}
		}
	}
	return b.String()
}

// dense is a run with many sizes, sides that win in turn, and long names.
func dense() string {
	var b strings.Builder
	for round := range 10 {
		for n := range 24 {
			for i, side := range []string{"walk", strings.Repeat("list", 10)} {
				v := 10 + float64(i*(n%2)) + float64(round)/100
				fmt.Fprintf(&b, "BenchmarkA/registry=%s/n=%dk/sweep=%s 1 %v ns/pid\n", strings.Repeat("WWWW", 10), 1000+n, side, v+float64((1-i)*(1-n%2)))
			}
		}
	}
	return b.String()
}

const shownColumn = "[...document.querySelectorAll('#t-0 tbody tr:not([hidden])')].map(r => r.cells[%d].textContent).join(' ')"

// testSorts sorts by number with the keyboard alone, and tells so to screen readers.
func testSorts(t *testing.T, b *tab) {
	n, ratio := fmt.Sprintf(shownColumn, 2), fmt.Sprintf(shownColumn, 6)
	b.check(n, "10k 30k 100k 1M 10k 30k 100k 1M 10k 30k 100k 1M 10k 30k 100k 1M")
	b.run(chromedp.Focus("#t-0 th:nth-child(3) button"), chromedp.KeyEvent(kb.Enter))
	b.check(n, "10k 10k 10k 10k 30k 30k 30k 30k 100k 100k 100k 100k 1M 1M 1M 1M")
	b.check("document.querySelector('#t-0 [aria-sort]').textContent + document.querySelector('#t-0 [aria-sort]').ariaSort", "nascending")
	b.run(chromedp.Click("#t-0 th:nth-child(7) button"), chromedp.Click("#t-0 th:nth-child(7) button"))
	b.check(ratio, "12.0 7.990 2.617 1.743 1.007 1.003 0.999 0.997 0.997 0.899 0.670 0.668 0.666 0.665 0.665 0.598")
	b.check("[...document.querySelectorAll('[aria-sort]')].map(h => h.textContent + h.ariaSort).join()", "list/walkdescending")
	b.check("document.activeElement.textContent", "list/walk")
	b.quiet()
}

// testFilters shows the rows that hold every word.
func testFilters(t *testing.T, b *tab) {
	b.run(chromedp.SendKeys("input[type=search]", "CHURNED walk"))
	b.check(fmt.Sprintf(shownColumn, 0), "tree+table tree+table paged+hash paged+hash")
	b.check("document.querySelector('output').textContent", "4 of 16 rows")
	b.run(chromedp.SendKeys("input[type=search]", " nothing"))
	b.check(fmt.Sprintf(shownColumn, 0), "")
	b.run(chromedp.KeyEvent(kb.Escape)) // empties a search field
	b.check("document.querySelector('output').textContent", "16 rows")
	b.quiet()
}

// testWithoutScript: everything is there, and nothing that would not work.
func testWithoutScript(t *testing.T, browser context.Context, path string) {
	b := open(t, browser, path, 400, "light", send(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.check("document.querySelectorAll('button, input, output').length", "0")
	b.check("document.querySelectorAll('#t-0 tbody tr').length", "16")
	b.check("document.querySelector('.answer').textContent.startsWith('As forked, on tree+table no difference')", "true")
	b.check("[...document.querySelectorAll('figure svg')].every(s => s.getBoundingClientRect().height > 50)", "true")
	b.eval("document.querySelector('summary').focus()")
	b.run(chromedp.KeyEvent(kb.Enter))
	b.check("document.querySelector('details').open && document.querySelector('pre').textContent.length > 30000", "true")
	b.quiet()
}

// testHostile: what tries to be markup is text.
func testHostile(t *testing.T, b *tab) {
	b.check("document.scripts.length", "1")
	b.check("document.querySelectorAll('img, b, body > svg').length", "0")
	b.check("document.querySelector('#t-0 thead').textContent.includes('<script>alert(3)')", "true")
	b.quiet()
}

// testNetwork tries to reach a server from within the page, by every way that needs no click.
func testNetwork(t *testing.T, b *tab) {
	address, hits := listener(t)
	b.quiet()
	b.eval(fmt.Sprintf(`(() => {
		const to = %q;
		fetch(to).catch(() => {});
		new Image().src = to;
		navigator.sendBeacon(to, "x");
		for (const [name, key] of [["script", "src"], ["iframe", "src"], ["embed", "src"], ["object", "data"], ["audio", "src"]]) {
			const e = document.createElement(name);
			e[key] = to;
			document.body.append(e);
		}
		const css = document.createElement("style");
		css.textContent = "@import url(" + to + ");";
		document.head.append(css);
		document.body.insertAdjacentHTML("beforeend", "<form action=" + to + " method=post></form>");
		document.forms[0].submit();
	})()`, address))
	time.Sleep(500 * time.Millisecond)
	if n := hits(); n != 0 {
		t.Errorf("%d requests left the page", n)
	}
	b.check("location.protocol", "file:")
}
