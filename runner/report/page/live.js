"use strict";
// Everything that comes from records goes in as text, never as markup.
const words = JSON.parse(document.getElementById("words").content.textContent);
const byId = (name) => document.getElementById(name);
const number = (value) => value.toLocaleString(document.documentElement.lang);
const make = (tag, text, kind) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
};
const span = (seconds) => {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => (typeof values[key] === "number" ? number(values[key]) : values[key]));
const side = (one, binds) => {
  const values = { ...one, side: one.side.charAt(0).toUpperCase() + one.side.slice(1) };
  const line = make("li", fill(one.limit ? words.side : words.side_free, values));
  if (binds && binds.side === one.side) line.append(" · ", make("strong", fill(words.binds[binds.why], values)), make("div", binds.change ? fill(words.change, binds) : "", "note"));
  line.dataset.side = one.side;
  return line;
};
const row = (name, counts) => {
  const line = document.createElement("tr");
  const heading = make("th", words.entities[name.toLowerCase()] || name);
  heading.scope = "row";
  const bar = document.createElement("progress");
  bar.max = Math.max(counts.total, counts.sum, 1);
  bar.value = counts.sum;
  const cell = make("td");
  cell.append(bar, make("div", `${number(counts.sum)} / ${number(counts.total)}`, "note"));
  line.append(heading, cell);
  for (const word of words.counted) {
    const figure = make("td", number(counts[word]), word === "failed" && counts[word] ? "number failed" : "number");
    figure.dataset.word = words.names[word];
    line.append(figure);
  }
  line.dataset.entity = name;
  return line;
};
const show = (standing) => {
  byId("state").textContent = words.states[standing.outcome];
  byId("verdict").className = `verdict ${{ done: "complete", failed: "problems", stopped: "problems" }[standing.outcome] || ""}`;
  byId("now").textContent = standing.outcome ? words.end : words.entities[standing.step] || "";
  byId("rate").textContent = standing.rate === null ? "–" : number(standing.rate);
  byId("left").textContent = standing.left === null ? "–" : span(standing.left);
  byId("took").textContent = span(standing.seconds);
  byId("failed").textContent = number(standing.failed);
  byId("failures").className = standing.failed ? "figure bad" : "figure";
  byId("steps").replaceChildren(...Object.entries(standing.result).map(([name, counts]) => row(name, counts)));
  byId("pulled").textContent = Object.entries(standing.pulled).map(([name, [done, total]]) => `${name}: ${number(done)}${total === null ? "" : ` / ${number(total)}`}`).join(" · ");
  byId("sides").replaceChildren(...standing.sides.map((one) => side(one, standing.outcome ? null : standing.binds)));
  byId("problems").replaceChildren(...(standing.problems.length ? standing.problems.map((one) => make("li", `${one.where}: ${one.text}`, "bad")) : [make("li", words.none)]));
  byId("said").replaceChildren(...standing.said.map((text) => make("li", text)));
};
const events = new EventSource("events");
let over = false;
events.onmessage = (event) => {
  const standing = JSON.parse(event.data);
  show(standing);
  if (standing.outcome) {
    over = true;
    events.close();
  }
};
events.onerror = () => {
  if (!over) byId("state").textContent = words.lost;
};
