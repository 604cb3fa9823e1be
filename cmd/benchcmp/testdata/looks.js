// What a person would see at a glance, for a test: each function gives what is wrong, "" if nothing is.
var looks = (() => {
	const shown = (e) => e.getClientRects().length > 0;
	const text = (e) => e.textContent.trim().slice(0, 40);
	const pictures = () => [...document.querySelectorAll("svg")];

	// Pictures too small to be seen.
	const small = () => pictures().map((s) => s.getBoundingClientRect()).concat(pictures().length ? [] : [{ width: 0, height: 0 }])
		.filter((r) => r.width < 250 || r.height < 100).map((r) => `${r.width}×${r.height}`).join("; ");

	// Texts of one picture that touch each other or stand over its edge.
	const touching = () => {
		const found = [];
		for (const svg of pictures()) {
			const edge = svg.getBoundingClientRect();
			const boxes = [...svg.querySelectorAll("text")].filter((e) => text(e) !== "").map((e) => [e, e.getBoundingClientRect()]);
			boxes.forEach(([a, r], i) => {
				if (r.left < edge.left - 1 || r.right > edge.right + 1 || r.top < edge.top - 1 || r.bottom > edge.bottom + 1) found.push(`${text(a)} over the edge`);
				for (const [b, s] of boxes.slice(i + 1)) {
					const wide = Math.min(r.right, s.right) - Math.max(r.left, s.left);
					const high = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
					if (wide > 0.5 && high > 0.25 * Math.min(r.height, s.height)) found.push(`${text(a)} × ${text(b)}`);
				}
			});
		}
		return found.join("; ");
	};

	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) => {
		const [r, g, b] = channels(colour).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

	// The colour behind a picture or a page.
	const back = () => {
		const rect = document.documentElement.tagName === "svg" && document.querySelector(".bc-back");
		return rect ? getComputedStyle(rect).fill : getComputedStyle(document.body).backgroundColor;
	};
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const colour = getComputedStyle(e).backgroundColor;
			if ((channels(colour)[3] ?? 1) === 1) return colour;
		}
		return back();
	};

	// Text whose contrast is below 4.5 (WCAG AA), marks and lines of a picture below 3.
	const faint = () => {
		const found = [];
		for (const e of document.querySelectorAll("body *, text")) {
			const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
			if (!own || !shown(e) || ["SCRIPT", "STYLE", "title", "desc"].includes(e.tagName)) continue;
			const style = getComputedStyle(e);
			const ratio = contrast(e.tagName === "text" ? style.fill : style.color, behind(e));
			if (ratio < 4.5) found.push(`${text(e)}: ${ratio.toFixed(2)}`);
		}
		for (const e of document.querySelectorAll(".bc-line, .bc-mark")) {
			const ratio = contrast(getComputedStyle(e).stroke, behind(e));
			if (ratio < 3) found.push(`${e.getAttribute("class")}: ${ratio.toFixed(2)}`);
		}
		return found.join("; ");
	};

	// Text of a picture that is shown smaller than 10 pixels.
	const tiny = () => [...document.querySelectorAll("svg text")].filter((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a < 10).map(text).join("; ");

	// Verdicts that cannot be seen, however far the table is scrolled sideways.
	const unseen = () => {
		const found = [];
		for (const frame of document.querySelectorAll(".scroll")) {
			for (const at of [0, 150, frame.scrollWidth]) {
				frame.scrollLeft = at;
				const edge = frame.getBoundingClientRect();
				const cells = [...frame.querySelectorAll(".verdict")].filter(shown);
				if (cells.length === 0) found.push("no verdict");
				for (const e of cells) {
					const r = e.getBoundingClientRect();
					const over = document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
					if (r.left < edge.left - 1 || r.right > edge.right + 1 || r.width < 60 || over && !e.contains(over)) found.push(`${text(e)} at ${at}`);
				}
			}
			frame.scrollLeft = 0;
		}
		return found.join("; ");
	};

	return { small, touching, faint, back, tiny, unseen };
})();
