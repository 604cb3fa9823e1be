"use strict";
// Tables that sort by their headings and show the rows that hold the words typed. Without this script they are whole.
for (const table of document.querySelectorAll("table")) {
	const body = table.tBodies[0];
	const rows = [...body.rows];
	if (rows.length < 2) continue;
	const value = (row, col) => {
		const cell = row.cells[col];
		const given = cell.dataset.sort;
		return given === undefined ? cell.textContent : Number(given);
	};
	const compare = (a, b) => {
		if (typeof a === "number" && typeof b === "number") return a - b;
		if (typeof a === "number") return -1;
		if (typeof b === "number") return 1;
		return a < b ? -1 : a > b ? 1 : 0;
	};
	const heads = [...table.tHead.rows[0].cells];
	heads.forEach((head, col) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...head.childNodes);
		head.append(button);
		button.addEventListener("click", () => {
			const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
			for (const other of heads) other.removeAttribute("aria-sort");
			head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
			rows.sort((a, b) => sign * compare(value(a, col), value(b, col)));
			body.append(...rows);
		});
	});
	const controls = document.querySelector(`[data-for="${table.id}"]`);
	const label = document.createElement("label");
	label.textContent = "Show rows that hold";
	const input = document.createElement("input");
	input.type = "search";
	label.append(input);
	const count = document.createElement("output");
	count.textContent = `${rows.length} rows`;
	controls.append(label, count);
	input.addEventListener("input", () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const row of rows) {
			const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
			row.hidden = !words.every((word) => text.includes(word));
			if (!row.hidden) shown++;
		}
		count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
	});
}
