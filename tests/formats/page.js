// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a browser says of a page of ours: run by tests/check_page.sh in Chromium,
// appended to a copy of the page (whose own policy would not let it run). The
// findings go into the title, one a line.
"use strict";
const said = [];
function must(condition, what) { if (!condition) said.push(what); }

function overlap(a, b) {
	return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 &&
		Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
}

// Labels of a drawing: none over another, none outside, none clipped.
for (const svg of document.querySelectorAll("svg.strip")) {
	const frame = svg.getBoundingClientRect();
	const boxes = [...svg.querySelectorAll("text")].map(text =>
		({ words: text.textContent, box: text.getBoundingClientRect() }));
	must(boxes.length > 0, "a drawing without words");
	boxes.forEach((one, i) => {
		must(one.box.left > frame.left - 17 && one.box.right < frame.right + 17,
			"outside: " + one.words);
		boxes.slice(i + 1).forEach(other => must(!overlap(one.box, other.box),
			"overlap: " + one.words + " / " + other.words));
	});
	// A frame that failed: its line and its head cross no word.
	for (const mark of svg.querySelectorAll(".mark, .markhead")) {
		const { left, right, top, bottom } = mark.getBoundingClientRect();
		for (const { words, box } of boxes)
			must(!overlap(box, { left: left - 1, right: right + 1, top, bottom }),
				"a mark crosses: " + words);
	}
	for (const rect of svg.querySelectorAll(".strip > rect[class]:has(title)")) {
		must(rect.getBBox().width >= 1, "too narrow to see: " + rect.textContent);
		must(rect.querySelector("title").textContent.includes("pfn 0x"), "no hover title");
	}
	// What matters is not one pixel wide.
	for (const rect of svg.querySelectorAll("rect.ro, rect.left, rect.rw, rect.odd"))
		if (rect.querySelector("title"))
			must(rect.getBBox().width >= 2, "a pool's part is a hair: " + rect.textContent);
}

if (document.querySelector("main")) {
	const sections = document.querySelectorAll("section");
	must(sections.length > 0, "no section");
	// Verdict first: within the first screen, above every drawing and list.
	const banner = document.querySelector(".banner");
	must(banner && banner.getBoundingClientRect().bottom < innerHeight, "the verdict is not in sight");
	for (const later of document.querySelectorAll("figure, .finding, .rules"))
		must(!banner || later.getBoundingClientRect().top > banner.getBoundingClientRect().top ||
			later.closest("section") !== banner.closest("section"), "something stands above the verdict");
	must(document.documentElement.scrollWidth <= innerWidth, "the page is wider than the window");
	// Keyboard: everything that opens is reached and opens; links lead somewhere.
	for (const summary of document.querySelectorAll("summary")) {
		const before = summary.parentElement.open;
		summary.focus();
		must(document.activeElement === summary || !summary.checkVisibility(), "not reached by keyboard");
		summary.click();
		must(summary.parentElement.open === !before, "does not open");
		summary.click();
	}
	for (const link of document.querySelectorAll("nav a, .boots a"))
		must(document.getElementById(link.hash.slice(1)), "a link to nowhere");
	must(getComputedStyle(document.querySelector("nav")).display ===
		(sections.length > 1 ? "flex" : "none"), "the list of inputs");
	for (const hit of document.querySelectorAll(".hit"))
		must(hit.querySelector("code").textContent.length > 0, "an empty line of evidence");
	// Contrast of text and ground, by the WCAG's formula.
	const light = color => color.match(/[\d.]+/g).slice(0, 3).map(c => c / 255)
		.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = element => {
		for (; element; element = element.parentElement) {
			const color = getComputedStyle(element).backgroundColor;
			if (!color.startsWith("rgba(0, 0, 0, 0")) return color;
		}
		return "rgb(255, 255, 255)";
	};
	for (const text of document.querySelectorAll("p, summary, code, mark, dd, dt, .say, .tag, .n, .badge")) {
		const a = light(getComputedStyle(text).color), b = light(ground(text));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		must(ratio >= 4.5, "contrast " + ratio.toFixed(1) + ": " + text.className + " " + text.textContent.slice(0, 30));
	}
}
must(performance.getEntriesByType("resource").length === 0, "something was loaded");
must(document.querySelectorAll("script").length === 1, "a script of its own");
const result = document.createElement("pre");
result.id = "result";
result.textContent = said.length ? [...new Set(said)].slice(0, 12).join("\n") : "good";
document.documentElement.append(result);
