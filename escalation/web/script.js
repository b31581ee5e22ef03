"use strict";
/* The live page. What is set stands in `state` and in the address; the server gives words and numbers, and
   the pictures are drawn here. Nothing from the scenario is ever read as markup: only textContent is set. */

const $ = id => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
    else if (value === true) one.setAttribute(name, "");
    else if (value !== false && value != null) one.setAttribute(name, value);
  }
  one.append(...children.filter(child => child != null));
  return one;
}

function draw(parent, tag, attributes = {}, text = null) {
  const one = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) one.setAttribute(name, value);
  if (text != null) one.textContent = text;
  parent.append(one);
  return one;
}

/* ---- what is set ------------------------------------------------------------------------------------- */

const PARTS = ["set", "without", "force"];
const nothing = () => ({set: [], without: [], force: []});
const copied = settings => ({set: [...settings.set], without: [...settings.without], force: [...settings.force]});
const same = (one, other) => PARTS.every(part => one[part].join("\n") === other[part].join("\n"));
const untouched = settings => PARTS.every(part => !settings[part].length);

const state = {b: nothing(), a: null, when: "", view: "less"};
let scenario = null;          // what the server says of the scenario
let known = new Map();        // controls by path
let visible = [];             // paths of the controls on the page
const MOST_VISIBLE = 12;

const escaped = text => encodeURIComponent(text)
  .replace(/%(3D|2C|3A|28|29|7B|7D|5B|5D|20)/g, (code, hex) => hex === "20" ? "+" : String.fromCharCode(parseInt(hex, 16)));

function query() {
  const fields = PARTS.flatMap(part => state.b[part].map(text => `${part}=${escaped(text)}`));
  if (state.a) {
    fields.push("a=1", ...PARTS.flatMap(part => state.a[part].map(text => `a-${part}=${escaped(text)}`)));
  }
  if (state.when) fields.push(`when=${escaped(state.when)}`);
  return fields.join("&");
}

function address() {
  const fields = query() + (state.a && state.view !== "less" ? "&view=alone" : "");
  return location.pathname + (fields ? `?${fields}` : "");
}

function readAddress() {
  const fields = new URLSearchParams(location.search);
  const settings = prefix => Object.fromEntries(PARTS.map(part => [part, fields.getAll(prefix + part)]));
  state.b = settings("");
  state.a = fields.get("a") ? settings("a-") : null;
  state.when = fields.get("when") || "";
  state.view = fields.get("view") === "alone" ? "alone" : "less";
}

/* Several moves of one control in a row are one step back. */
let kept = {path: null, at: 0};
function keep(path = null) {
  if (address() === location.pathname + location.search) return;
  const goesOn = path !== null && path === kept.path && Date.now() - kept.at < 1500;
  history[goesOn ? "replaceState" : "pushState"](null, "", address());
  kept = {path, at: Date.now()};
}

const pathOf = text => text.slice(0, text.indexOf("="));
const valueOf = path => state.b.set.filter(text => pathOf(text) === path).map(text => text.slice(path.length + 1)).pop();
const replacing = path => path.endsWith(".policy") ? path : "";   // a policy replaces what stands below it

function setValue(path, value) {
  const texts = state.b.set, at = texts.findIndex(text => pathOf(text) === path);
  if (value === null) state.b.set = texts.filter(text => pathOf(text) !== path);
  else if (at >= 0) texts[at] = `${path}=${value}`;
  else {
    const below = replacing(path) ? texts.findIndex(text => text.startsWith(`${path}.`)) : -1;
    texts.splice(below < 0 ? texts.length : below, 0, `${path}=${value}`);
  }
}

/* ---- asking ------------------------------------------------------------------------------------------ */

const page = Array.from(crypto.getRandomValues(new Uint32Array(3)), part => part.toString(36)).join("");
const seen = new Map();       // answers by what was asked, the last used last
const MOST_SEEN = 60;
let asked = 0, running = null, dragging = false, again = false, due = 0, shown = null;

class Stale extends Error {}

async function get(path, signal) {
  let response;
  try {
    response = await fetch(path, {signal, credentials: "same-origin"});
  } catch (error) {
    if (error.name === "AbortError") throw new Stale();
    throw new Error("The server does not answer. Is `escalation serve` still running?");
  }
  if (response.status === 204) throw new Stale();
  const text = await response.text();
  if (!response.ok) {
    let said = text;
    try { said = JSON.parse(text).error; } catch { /* a plain text */ }
    throw new Error(said);
  }
  return JSON.parse(text);
}

async function answer(fields, n, R, signal) {
  const key = `${fields}&n=${n}${R ? "&R=1" : ""}`;
  let found = seen.get(key);
  if (!found) {
    found = await get(`/answer.json?${key}&page=${page}&ask=${++asked}`, signal);
    while (seen.size >= MOST_SEEN) seen.delete(seen.keys().next().value);
  }
  seen.delete(key);
  seen.set(key, found);
  return found;
}

const best = fields => {
  const levels = scenario.levels, last = levels[levels.length - 1];
  if (seen.has(`${fields}&n=${last}&R=1`)) return [last, true];
  for (const n of [...levels].reverse()) if (seen.has(`${fields}&n=${n}`)) return [n, false];
  return null;
};

/* While something is dragged, one coarse answer after the other: the newest state each time. */
async function coarse() {
  clearTimeout(due);
  if (dragging) { again = true; return; }
  running?.abort();
  running = new AbortController();
  const signal = running.signal;
  dragging = true;
  do {
    again = false;
    const fields = query();
    const found = best(fields) || [scenario.levels[0], false];
    busy(0.1);
    try { show(await answer(fields, ...found, signal), fields, ...found); } catch (error) { failed(error, fields); }
  } while (again);
  dragging = false;
  if (due === -1) fine();
}

/* At rest, better and better ones: each goes on from the one before, and R comes last. */
async function fine() {
  clearTimeout(due);
  if (dragging) { due = -1; return; }
  due = 0;
  running?.abort();
  running = new AbortController();
  const signal = running.signal, fields = query(), levels = scenario.levels;
  const steps = [...levels.map(n => [n, false]), [levels[levels.length - 1], true]];
  const begun = best(fields);
  const from = begun ? steps.findIndex(step => step[0] === begun[0] && step[1] === begun[1]) : 0;
  try {
    for (const [place, step] of steps.entries()) {
      if (place < from) continue;
      busy(place / steps.length + 0.05);
      const found = await answer(fields, ...step, signal);
      if (fields !== query() || signal.aborted) return;
      show(found, fields, ...step);
    }
    announce();
  } catch (error) { failed(error, fields); }
}

function turned(rest, path = null) {
  if (!scenario) return;
  markControls();
  if (rest) keep(path);
  coarse();
  if (rest) due = dragging ? -1 : setTimeout(fine, 60);
}

function atRest() {
  keep();
  markControls();
  fine();
}

function busy(share) {
  $("busy").style.setProperty("--done", `${Math.round(100 * share)}%`);
  document.body.setAttribute("aria-busy", share < 1);
}

function failed(error, fields) {
  if (error instanceof Stale || fields !== query()) return;
  $("error").textContent = error.message;
  $("error").hidden = false;
  $("level").textContent = "Not possible; this is the last good picture";
  document.body.classList.add("stale");
  document.body.dataset.failed = fields;
  busy(1);
}

/* ---- showing ----------------------------------------------------------------------------------------- */

function show(found, fields, n, R) {
  shown = found;
  $("error").hidden = true;
  document.body.classList.remove("stale");
  delete document.body.dataset.failed;
  const last = scenario.levels[scenario.levels.length - 1], done = n === last && R;
  $("level").textContent = `${n.toLocaleString("en")} of ${last.toLocaleString("en")} futures${n === last && !R ? ", R to come" : ""}`;
  busy(done ? 1 : n / last * 0.75);
  redraw();
  document.body.dataset.level = R ? "R" : String(n);
  document.body.dataset.state = fields;
}

function redraw() {
  if (!shown) return;
  showWords();
  for (const picture of PICTURES) picture.show(shown);
  showStrip();
  showAlong();
}

const differing = () => (state.a && state.view === "less" && shown.against) || null;

function showNames() {
  $("held").hidden = !state.a;
  $("hold").hidden = Boolean(state.a);
  $("names").hidden = !state.a;
  $("reset").disabled = untouched(state.b);
  $("less").setAttribute("aria-pressed", state.view === "less");
  $("alone").setAttribute("aria-pressed", state.view !== "less");
  if (state.a) {
    const rows = [["A", state.a], ["B", state.b]];
    $("names").replaceChildren(...rows.flatMap(([name, settings]) =>
      [make("dt", {}, name), make("dd", {title: described(settings)}, described(settings))]));
  }
}

function described(settings) {
  const set = settings.set.map(text => {
    const path = pathOf(text), control = known.get(path), value = text.slice(path.length + 1);
    if (control?.kind === "switch" && value === "null") return `without ${control.label}`;
    return control ? `${control.label} ${value}` : text;
  });
  const acts = [...settings.without.map(text => `without “${text}”`), ...settings.force.map(text => `forced “${text}”`)];
  return [...set, ...acts].join("; ") || "as in the scenario";
}

function showWords() {
  const lists = [make("ul", {}, ...shown.summary.map(text => make("li", {}, text)))];
  if (shown.warnings.length) lists.unshift(...shown.warnings.map(text => make("p", {class: "warning"}, text)));
  $("words-of-it").replaceChildren(...lists);
  const said = shown.against, differs = Boolean(differing());
  $("differs").hidden = !differs;
  $("differs-words").replaceChildren(...(differs ? [
    make("ul", {}, ...said.words.map(text => make("li", {}, text))),
    make("ul", {class: "small"}, ...said.notes.map(text => make("li", {}, text)))] : []));
}

function showStrip() {
  const cells = shown.answers.slice(0, 6).map(one => {
    const by = differing() && shown.against.differences[one.name];
    return make("li", {}, make("span", {}, make("bdi", {}, one.label)), make("b", {}, by ? by.text.replace(/ \[.*/, "") : one.text.replace(/ [[±].*/, "")));
  });
  $("strip").replaceChildren(...cells);
}

let announced = new Map();
function announce() {
  const now = new Map(shown.answers.map(one => {
    const by = differing() && shown.against.differences[one.name];
    return [one.label, by ? `${by.text}, ${by.verdict}` : one.text];
  }));
  const news = [...now].filter(([label, text]) => announced.get(label) !== text).map(([label, text]) => `${label}: ${text}.`);
  announced = now;
  $("said").textContent = news.join(" ");
}

/* ---- pictures ---------------------------------------------------------------------------------------- */

const INK = "var(--ink)", MUTED = "var(--muted)", GRID = "var(--grid)", SOFT = "var(--soft)", PAPER = "var(--paper)";
const MAIN = "var(--main)", MORE = "var(--hostile)", LESS = "var(--easing)";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const reach = new Map();      // how far each axis goes, so that it does not jump while something is dragged

function nice(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(part => part * power >= value * (1 - 1e-9)) * power;
}
function farthest(name, value) {
  const far = Math.max(reach.get(name) || 0, nice(value));
  reach.set(name, far);
  return far;
}
const finite = values => values.filter(value => value != null);
const largest = (...lines) => Math.max(0, ...lines.flatMap(line => finite(line).map(Math.abs)));
const plain = value => value == null ? "" : String(Math.round(value * 100) / 100).replace("-", "−");
const signed = value => (value > 0 ? "+" : "") + plain(value);
const percent = value => value == null ? "" : `${Math.round(100 * value)}%`;
const dayText = iso => { const [year, month, day] = iso.split("-"); return `${+day} ${MONTHS[month - 1]} ${year}`; };

function wrapped(text, letters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + word.length + 1 > letters) lines.push(word); else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
}

const text = (svg, x, y, content, attributes = {}) =>
  draw(svg, "text", {x, y, fill: INK, "font-size": 12, ...attributes}, content);

function path(points) {
  let line = "", pen = false;
  for (const [x, y] of points) {
    if (y == null) { pen = false; continue; }
    line += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  }
  return line;
}
function band(xs, low, high, y) {
  const up = [], down = [];
  xs.forEach((x, n) => { if (low[n] != null && high[n] != null) { up.push([x, y(high[n])]); down.unshift([x, y(low[n])]); } });
  return up.length ? `${path(up)}${path(down).replace("M", "L")}Z` : "";
}

class Picture {
  constructor(id, title, caption, full = false) {
    Object.assign(this, {id, title, caption});
    this.canvas = make("div", {class: "canvas"});
    this.heading = make("h3", {id: `${id}-title`}, title);
    this.above = make("div", {});
    this.below = make("figcaption", {}, caption);
    this.numbers = make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}: numbers`});
    this.details = make("details", {ontoggle: () => this.fill()}, make("summary", {}, "The numbers"), this.numbers);
    this.figure = make("figure", {id, class: full ? "full" : "", "aria-labelledby": `${id}-title`},
      this.heading, this.above, this.canvas, this.below,
      make("div", {class: "tools"}, this.details,
        make("button", {type: "button", "aria-label": `${title} as SVG`, onclick: () => saveSvg(this)}, "SVG"),
        make("button", {type: "button", "aria-label": `${title} as PNG`, onclick: () => savePng(this)}, "PNG")));
  }
  show(found) {
    this.found = found;
    const width = Math.max(280, Math.floor(this.canvas.clientWidth || 600));
    const svg = document.createElementNS(SVG, "svg");
    const height = this.picture(svg, width, found);
    for (const [name, value] of Object.entries({width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${this.title}. ${this.says(found)}`, "font-family": "inherit"})) svg.setAttribute(name, value);
    this.canvas.replaceChildren(svg);
    this.fill();
  }
  fill() {
    if (!this.details.open || !this.found) return;
    const {headings, rows} = this.table(this.found);
    this.numbers.replaceChildren(make("table", {},
      make("thead", {}, make("tr", {}, ...headings.map((head, n) => make("th", {scope: "col", class: n ? "num" : ""}, head)))),
      make("tbody", {}, ...rows.map(row => make("tr", {}, ...row.map((cell, n) =>
        n ? make("td", {class: "num"}, cell) : make("th", {scope: "row"}, cell)))))));
  }
  says() { return this.caption; }
}

/* Rows of bars: what answers the question. */
class Answers extends Picture {
  picture(svg, width, found) {
    const by = differing(), wide = width >= 560, names = found.answers;
    let y = 4;
    for (const one of names) {
      const change = by ? by.differences[one.name] : null;
      const number = change ? change.text : by ? "not compared" : one.text;
      const verdict = change ? [change.verdict, change.levels].filter(Boolean).join(": ") : "";
      const lines = wrapped(one.label, Math.floor((wide ? width - 250 : width) / 6.6));
      lines.forEach((line, n) => text(svg, 0, y + 13 + 17 * n, line, {"font-size": 13}));
      y += 17 * lines.length;
      const numbers = wide ? [number] : wrapped(number, Math.floor(width / 7.4));
      if (wide) text(svg, width, y - 17 * lines.length + 13, number, {"text-anchor": "end", "font-weight": 700, "font-size": 14});
      else { numbers.forEach((line, n) => text(svg, 0, y + 14 + 17 * n, line, {"font-weight": 700, "font-size": 14})); y += 18; }
      y += 6;
      if (one.kind !== "words") {
        if (by) this.difference(svg, width, y, one, change, names, by);
        else this.level(svg, width, y, one, names, found);
        y += 18;
      }
      const detail = wrapped(by ? verdict : one.detail, Math.floor(width / 5.9));
      const room = wide ? 1 : 2;
      detail.slice(0, room).forEach((line, n) => text(svg, 0, y + 12 + 14 * n, line, {fill: MUTED, "font-size": 11.5}));
      y += 14 * room + 12;
    }
    this.below.textContent = by ? "Bars: B less A; full where the difference is sure, hollow and dashed where it is not; whiskers: 95% intervals." : this.caption;
    return y;
  }
  level(svg, width, y, one, names, found) {
    const alike = names.filter(other => other.kind === "amount" && other.unit === one.unit);
    const far = one.kind === "share" ? 1 : farthest(`level ${one.unit}`, largest(...alike.map(other => [other.high, other.bands?.[1]?.[1]])));
    const low = one.kind === "amount" && Math.min(one.low ?? one.value, one.bands?.[1]?.[0] ?? 0) < 0 ? -far : 0;
    const x = value => width * Math.min(1, Math.max(0, (value - low) / (far - low)));
    draw(svg, "rect", {x: 0, y, width, height: 12, fill: SOFT});
    if (one.kind === "share") draw(svg, "rect", {x: 0, y, width: x(one.value), height: 12, fill: MAIN, opacity: 0.75});
    else one.bands.slice().reverse().forEach((ends, n) =>
      draw(svg, "rect", {x: x(ends[0]), y, width: Math.max(1, x(ends[1]) - x(ends[0])), height: 12, fill: MAIN, opacity: n ? 0.6 : 0.3}));
    whisker(svg, x, y + 6, one, one.kind === "amount");
    const a = state.a && found.against?.differences[one.name]?.baseline;
    if (a) {
      draw(svg, "path", {d: `M${x(a.value)} ${y - 3}v18`, stroke: INK, "stroke-width": 1.5, "stroke-dasharray": "3 2"});
      text(svg, Math.min(width - 8, x(a.value) + 3), y + 22, "A", {"font-size": 10, fill: INK});
    }
  }
  difference(svg, width, y, one, change, names, by) {
    const alike = names.filter(other => other.kind === one.kind && other.unit === one.unit).map(other => by.differences[other.name]).filter(Boolean);
    const least = one.kind === "share" ? 0.1 : 0.5;
    const far = farthest(`difference ${one.kind} ${one.unit}`, Math.max(least, largest(...alike.map(other => [other.low, other.high]))));
    const x = value => width * (0.5 + Math.min(1, Math.max(-1, value / far)) / 2);
    draw(svg, "rect", {x: 0, y, width, height: 12, fill: SOFT});
    if (change?.value != null) bar(svg, x, y, 12, change);
    draw(svg, "path", {d: `M${width / 2} ${y - 3}v18`, stroke: INK, "stroke-width": 1});
  }
  says(found) {
    const by = differing();
    return found.answers.map(one => `${one.label}: ${by ? by.differences[one.name]?.text ?? "not compared" : one.text}`).join(". ");
  }
  table(found) {
    const by = differing();
    return by
      ? {headings: ["Question", "A", "B", "B less A", "sure?"], rows: found.answers.map(one => {
        const change = by.differences[one.name];
        const level = value => one.kind === "share" ? percent(value) : plain(value);
        return [one.label, level(change?.baseline.value), level(one.value), change?.text ?? "not compared", change?.verdict ?? ""];
      })}
      : {headings: ["Question", "estimate", "where futures lie"], rows: found.answers.map(one => [one.label, one.text, one.detail])};
  }
}

function whisker(svg, x, y, one, tick) {
  if (one.value == null) return;
  if (one.low != null && one.high != null) {
    draw(svg, "path", {d: `M${x(one.low)} ${y}H${x(one.high)}M${x(one.low)} ${y - 4}v8M${x(one.high)} ${y - 4}v8`, stroke: INK, "stroke-width": 1.3});
  }
  if (tick) draw(svg, "path", {d: `M${x(one.value)} ${y - 7}v14`, stroke: INK, "stroke-width": 2});
}

/* A difference as a bar from 0: full where it is sure, hollow where it is not. */
function bar(svg, x, y, height, change) {
  const colour = change.value > 0 ? MORE : LESS, from = Math.min(x(0), x(change.value));
  draw(svg, "rect", {x: from, y, width: Math.max(0.5, Math.abs(x(change.value) - x(0))), height,
    fill: change.sure ? colour : PAPER, "fill-opacity": change.sure ? 0.8 : 1, stroke: colour, "stroke-width": 1.2,
    "stroke-dasharray": change.sure ? null : "3 2"});
  whisker(svg, x, y + height / 2, change, false);
}

/* The axes of everything that goes through time. */
function timeFrame(svg, box, days, top, bottom, form, small = false) {
  const first = Date.parse(days[0]), last = Date.parse(days[days.length - 1]);
  const x = iso => box.left + (box.right - box.left) * (Date.parse(iso) - first) / Math.max(1, last - first);
  const y = value => value == null ? null : box.bottom - (box.bottom - box.top) * (Math.min(top, Math.max(bottom, value)) - bottom) / (top - bottom);
  const steps = small ? 2 : 4;
  for (let n = 0; n <= steps; n++) {
    const value = bottom + (top - bottom) * n / steps;
    draw(svg, "path", {d: `M${box.left} ${y(value)}H${box.right}`, stroke: GRID, "stroke-width": 1});
    text(svg, box.left - 5, y(value) + 4, form(value), {"text-anchor": "end", fill: MUTED, "font-size": 10.5});
  }
  const months = (last - first) / 2629800000, room = Math.max(2, (box.right - box.left) / 38);
  const step = [1, 2, 3, 6, 12, 24, 60].find(each => months / each <= room) || 120;
  const from = new Date(first), cursor = new Date(Date.UTC(from.getUTCFullYear(), 0, 1));
  for (; cursor.getTime() <= last; cursor.setUTCMonth(cursor.getUTCMonth() + step)) {
    if (cursor.getTime() < first) continue;
    const at = x(cursor.toISOString().slice(0, 10)), month = cursor.getUTCMonth();
    draw(svg, "path", {d: `M${at} ${box.bottom}v4`, stroke: MUTED});
    text(svg, Math.min(at, box.right - 4), box.bottom + 15, month ? MONTHS[month] : String(cursor.getUTCFullYear()), {"text-anchor": "middle", fill: MUTED, "font-size": 10.5});
  }
  return {xs: days.map(x), y};
}

function fan(svg, at, ends, colour = MAIN) {
  draw(svg, "path", {d: band(at.xs, ends.low_95, ends.high_95, at.y), fill: colour, opacity: 0.22});
  draw(svg, "path", {d: band(at.xs, ends.low_50, ends.high_50, at.y), fill: colour, opacity: 0.38});
  draw(svg, "path", {d: path(at.xs.map((one, n) => [one, at.y(ends.middle[n])])), fill: "none", stroke: colour, "stroke-width": 2});
}

/* A difference through time: its mean with the 95% interval; thick where that leaves out 0. */
function differenceLine(svg, at, box, line) {
  draw(svg, "path", {d: band(at.xs, line.low, line.high, at.y), fill: MAIN, opacity: 0.28});
  draw(svg, "path", {d: path(at.xs.map((one, n) => [one, at.y(line.value[n])])), fill: "none", stroke: MAIN, "stroke-width": 1.4, "stroke-dasharray": "4 3"});
  const clear = at.xs.map((one, n) => [one, line.low[n] > 0 || line.high[n] < 0 ? at.y(line.value[n]) : null]);
  draw(svg, "path", {d: path(clear), fill: "none", stroke: MAIN, "stroke-width": 2.6});
  draw(svg, "path", {d: `M${box.left} ${at.y(0)}H${box.right}`, stroke: INK, "stroke-width": 1});
}

const UNPAIRED = "A and B do not share their days or their chance: B is shown alone.";
const DIFFERENCE = "Line: the mean of B less A in the same futures, thick where its 95% interval (band) leaves out 0.";

class Tension extends Picture {
  picture(svg, width, found) {
    const by = differing()?.tension, box = {left: 40, right: width - 8, top: 10, bottom: 210};
    if (by) {
      const far = farthest("less tension", Math.max(1, largest(by.low, by.high)));
      const at = timeFrame(svg, box, found.tension.days, far, -far, signed);
      differenceLine(svg, at, box, by);
    } else {
      const far = farthest("tension", largest(found.tension.high_95));
      const at = timeFrame(svg, box, found.tension.days, far, 0, plain);
      fan(svg, at, found.tension);
      if (found.tension.runaway && found.tension.runaway < far) {
        draw(svg, "path", {d: `M${box.left} ${at.y(found.tension.runaway)}H${box.right}`, stroke: MUTED, "stroke-dasharray": "4 3"});
        text(svg, box.left + 4, at.y(found.tension.runaway) - 4, "runaway", {fill: MUTED, "font-size": 10.5});
      }
    }
    this.below.textContent = by ? DIFFERENCE : `${this.caption}${differing() ? ` ${UNPAIRED}` : ""}`;
    return 232;
  }
  says(found) {
    const by = differing()?.tension, last = found.tension.days.length - 1;
    if (by) return `At the end ${signed(by.value[last])}, 95% interval ${signed(by.low[last])} to ${signed(by.high[last])}`;
    return `At the end ${plain(found.tension.middle[last])} in the median future, ${plain(found.tension.low_95[last])} to ${plain(found.tension.high_95[last])} in 95% of them`;
  }
  table(found) {
    const by = differing()?.tension, rows = some(found.tension.days);
    if (by) return {headings: ["Day", "B less A", "95% interval"], rows: rows.map(n =>
      [dayText(found.tension.days[n]), signed(by.value[n]), `${signed(by.low[n])} to ${signed(by.high[n])}`])};
    const t = found.tension;
    return {headings: ["Day", "median", "50%", "95%"], rows: rows.map(n => [dayText(t.days[n]), plain(t.middle[n]),
      `${plain(t.low_50[n])}–${plain(t.high_50[n])}`, `${plain(t.low_95[n])}–${plain(t.high_95[n])}`])};
  }
}

const some = days => days.map((_, n) => n).filter(n => n % Math.max(1, Math.floor(days.length / 13)) === 0 || n === days.length - 1);

class When extends Picture {
  constructor(...parts) {
    super(...parts);
    this.choice = make("select", {"aria-label": "What may have happened", onchange: () => { state.when = this.choice.value; atRest(); }});
    this.above.append(this.choice);
  }
  show(found) {
    const options = found.when?.options ?? [];
    if (this.choice.options.length !== options.length) {
      this.choice.replaceChildren(...options.map(one => make("option", {value: one.name}, one.label)));
    }
    this.figure.hidden = !options.length;
    if (found.when && document.activeElement !== this.choice) this.choice.value = found.when.name;
    if (found.when) super.show(found);
  }
  picture(svg, width, found) {
    const by = differing()?.when, box = {left: 40, right: width - 8, top: 10, bottom: 178};
    const days = found.tension.days;
    if (by) {
      const far = farthest("less when", Math.max(0.1, largest(by.low, by.high)));
      differenceLine(svg, timeFrame(svg, box, days, far, -far, value => signed(100 * value)), box, by);
    } else {
      const at = timeFrame(svg, box, days, 1, 0, percent);
      draw(svg, "path", {d: band(at.xs, found.when.low, found.when.high, at.y), fill: MAIN, opacity: 0.28});
      draw(svg, "path", {d: path(at.xs.map((one, n) => [one, at.y(found.when.value[n])])), fill: "none", stroke: MAIN, "stroke-width": 2});
    }
    this.below.textContent = by ? `${DIFFERENCE} In percentage points.` : this.caption;
    return 200;
  }
  says(found) {
    const by = differing()?.when, last = found.tension.days.length - 1;
    const label = found.when.options.find(one => one.name === found.when.name)?.label;
    return `${label}: by the end ${by ? `${signed(100 * by.value[last])} points` : found.when.text}`;
  }
  table(found) {
    const by = differing()?.when, rows = some(found.tension.days), line = by || found.when;
    const form = by ? value => signed(100 * value) : percent;
    return {headings: ["Before", by ? "B less A, points" : "share of futures", "95% interval"], rows: rows.map(n =>
      [dayText(found.tension.days[n]), form(line.value[n]), `${form(line.low[n])} to ${form(line.high[n])}`])};
  }
}

class Acts extends Picture {
  acting(found) { return found.acts.filter(one => largest(one.high_95) > 0); }
  picture(svg, width, found) {
    const by = differing()?.acts, acting = this.acting(found);
    const columns = width >= 760 ? 4 : width >= 520 ? 3 : 2, gap = 14, each = (width - gap * (columns - 1)) / columns, tall = 132;
    const far = by ? farthest("less acts", Math.max(1, largest(...acting.flatMap(one => [by[one.actor].low, by[one.actor].high]))))
      : farthest("acts", largest(...acting.map(one => one.high_95)));
    acting.forEach((one, n) => {
      const left = (n % columns) * (each + gap), top = Math.floor(n / columns) * tall;
      const end = one.middle.length - 1, line = by?.[one.actor];
      const box = {left: left + 28, right: left + each - 4, top: top + 24, bottom: top + 106};
      text(svg, left, top + 13, wrapped(one.label, Math.floor((each - 40) / 6.6))[0], {"font-weight": 700});
      text(svg, left + each - 4, top + 13, line ? signed(line.value[end]) : plain(one.middle[end]), {"text-anchor": "end", "font-weight": 700, fill: INK});
      const at = timeFrame(svg, box, found.tension.days, far, by ? -far : 0, by ? signed : plain, true);
      if (line) differenceLine(svg, at, box, line); else fan(svg, at, one, MORE);
    });
    this.below.textContent = by ? `${DIFFERENCE} The number: at the end.` : this.caption;
    return Math.max(1, Math.ceil(acting.length / columns)) * tall;
  }
  says(found) {
    const by = differing()?.acts;
    return this.acting(found).map(one => {
      const end = one.middle.length - 1;
      return by ? `${one.label} ${signed(by[one.actor].value[end])}` : `${one.label} ${plain(one.middle[end])}, ${plain(one.low_95[end])} to ${plain(one.high_95[end])} in 95% of futures`;
    }).join("; ");
  }
  table(found) {
    const by = differing()?.acts, end = found.tension.days.length - 1;
    return by
      ? {headings: ["Acts by the end", "B less A", "95% interval"], rows: this.acting(found).map(one => {
        const line = by[one.actor];
        return [one.label, signed(line.value[end]), `${signed(line.low[end])} to ${signed(line.high[end])}`];
      })}
      : {headings: ["Acts by the end", "median", "50%", "95%"], rows: this.acting(found).map(one => [one.label, plain(one.middle[end]),
        `${plain(one.low_50[end])}–${plain(one.high_50[end])}`, `${plain(one.low_95[end])}–${plain(one.high_95[end])}`])};
  }
}

class Ladder extends Picture {
  rows(found) {
    const by = differing()?.ladder;
    return found.ladder.actors.map((one, n) => ({label: one.label, level: one, less: by?.[n]})).filter(row => largest(row.level.value) > 0);
  }
  picture(svg, width, found) {
    const rungs = found.ladder.rungs, rows = this.rows(found), narrow = width < 520;
    const left = narrow ? 0 : 128, cell = (width - left) / rungs.length, tall = 24, step = narrow ? tall + 22 : tall + 4;
    rungs.forEach((rung, n) => {
      const label = text(svg, left + cell * (n + 0.5), 12, String(rung.rung), {"text-anchor": "middle", fill: MUTED, "font-size": 11});
      draw(label, "title", {}, `Rung ${rung.rung}: ${rung.labels.join(", ")}`);
    });
    rows.forEach((row, m) => {
      const top = 20 + m * step + (narrow ? 18 : 0);
      text(svg, 0, narrow ? top - 5 : top + 16, row.label, {"font-size": 12});
      rungs.forEach((rung, n) => {
        const x = left + cell * n, value = row.less ? row.less.value[n] : row.level.value[n];
        const clear = row.less && (row.less.low[n] > 0 || row.less.high[n] < 0);
        const strength = row.less ? Math.min(0.45, Math.abs(value) * 1.5) : 0.42 * value;
        draw(svg, "rect", {x: x + 1, y: top, width: cell - 2, height: tall, fill: SOFT});
        draw(svg, "rect", {x: x + 1, y: top, width: cell - 2, height: tall, fill: row.less ? (value > 0 ? MORE : LESS) : MORE, opacity: strength,
          });
        if (clear) draw(svg, "rect", {x: x + 2, y: top + 1, width: cell - 4, height: tall - 2, fill: "none", stroke: INK, "stroke-width": 1.3});
        const shown = row.less ? (Math.round(100 * value) ? signed(Math.round(100 * value)) : "0") : value === 0 ? "" : value < 0.005 ? "<1" : String(Math.round(100 * value));
        text(svg, x + cell / 2, top + 16, shown, {"text-anchor": "middle", "font-size": cell < 32 ? 10 : 11, "font-weight": clear ? 700 : 400});
      });
    });
    this.below.textContent = (rows[0]?.less ? "Percentage points, B less A; framed where the 95% interval leaves out 0." : this.caption);
    return 24 + rows.length * step;
  }
  says(found) {
    return this.rows(found).map(row => `${row.label}: ${found.ladder.rungs.map((rung, n) => `rung ${rung.rung} ${row.less ? signed(Math.round(100 * row.less.value[n])) : percent(row.level.value[n])}`).join(", ")}`).join("; ");
  }
  table(found) {
    const rows = this.rows(found);
    return {headings: ["Rung", ...rows.map(row => row.label)], rows: found.ladder.rungs.map((rung, n) =>
      [`${rung.rung}: ${rung.labels.join(", ")}`, ...rows.map(row => row.less ? signed(Math.round(100 * row.less.value[n])) : percent(row.level.value[n]))])};
  }
}

class Reproduction extends Picture {
  picture(svg, width, found) {
    const by = differing(), R = found.R, change = by?.differences["flywheel.R"];
    const far = by ? farthest("less R", Math.max(0.1, largest([change?.low, change?.high]))) : farthest("R", Math.max(1.5, R?.high ?? 0));
    const x = by ? value => width * (0.5 + Math.max(-1, Math.min(1, value / far)) / 2) : value => width * Math.max(0, Math.min(1, value / far));
    draw(svg, "rect", {x: 0, y: 26, width, height: 12, fill: SOFT});
    const edge = by ? 0 : 1;
    draw(svg, "path", {d: `M${x(edge)} 22v22`, stroke: INK, "stroke-dasharray": by ? null : "3 2"});
    if (!by) text(svg, x(1) + 4, 56, "above 1 it feeds itself", {fill: MUTED, "font-size": 10.5});
    if (by ? change?.value != null : R?.value != null) {
      if (by) bar(svg, x, 26, 12, change);
      else { draw(svg, "rect", {x: 0, y: 26, width: x(R.value), height: 12, fill: MAIN, opacity: 0.75}); whisker(svg, x, 32, R, true); }
      text(svg, 0, 14, by ? `${change.text}, ${change.verdict}` : `R ${R.value.toFixed(2)} [${R.low?.toFixed(2) ?? "?"}, ${R.high?.toFixed(2) ?? "?"}]`, {"font-weight": 700, "font-size": 14});
    } else text(svg, 0, 14, R || by?.differences ? "R comes last" : "R comes last: after the other figures", {fill: MUTED});
    this.below.replaceChildren(...(R ? R.words : [this.caption, " "]).map(line => make("span", {}, `${line} `)));
    this.below.style.minHeight = "5.5em";
    return 62;
  }
  says(found) { return found.R ? found.R.words[0] : "not known yet"; }
  table(found) {
    const change = differing()?.differences["flywheel.R"];
    return {headings: ["", "value", "95% interval"], rows: [
      ["R", plain(found.R?.value), found.R ? `${plain(found.R.low)} to ${plain(found.R.high)}` : ""],
      ...(change ? [["B less A", signed(change.value), `${signed(change.low)} to ${signed(change.high)}`]] : [])]};
  }
}

const BANDS = "Line: the median of the futures. Dark band: the middle half of them; light band: 95%.";
const PICTURES = [
  new Answers("answers-picture", "The question answered", "Bars: shares of futures, or where 50% and 95% of futures lie; whiskers: 95% intervals of the estimates.", true),
  new Tension("tension", "Tension", `All grievances of all actors, added up. ${BANDS}`),
  new When("when", "By when", "The share of futures in which it has happened before a day, with its 95% interval."),
  new Acts("acts", "Hostile acts by actor", `Added up, excluding words and threats. ${BANDS} The number: the median at the end.`, true),
  new Ladder("ladder", "How high they climb", "The share of futures, in percent, in which an actor reaches at least this rung of the ladder. Hover over a rung, or open the numbers, for its instruments."),
  new Reproduction("reproduction", "Does the flywheel feed itself?", "R: how many further hostile acts are attributed to each one."),
];

/* ---- pictures as files ------------------------------------------------------------------------------- */

const LIGHT = {paper: "#ffffff", ink: "#1b1f24", muted: "#5b6470", grid: "#d9dde2", soft: "#f4f6f8", main: "#0072b2", hostile: "#c04a00", easing: "#00785a"};

function standalone(picture) {
  const drawn = picture.canvas.firstChild.cloneNode(true), width = +drawn.getAttribute("width"), height = +drawn.getAttribute("height");
  const svg = document.createElementNS(SVG, "svg"), lines = [];
  const heading = wrapped(`${scenario.title}: ${picture.title.toLowerCase()}`, Math.floor(width / 8));
  const about = [...wrapped(picture.below.textContent, Math.floor(width / 6)), ...wrapped(`${state.a ? "B: " : ""}${described(state.b)}.${state.a ? ` A: ${described(state.a)}.` : ""} ${$("level").textContent}, seed ${scenario.seed}.`, Math.floor(width / 6))];
  heading.forEach((line, n) => lines.push([line, 20 + 18 * n, {"font-weight": 700, "font-size": 14}]));
  const top = 18 * heading.length + 16;
  about.forEach((line, n) => lines.push([line, top + height + 20 + 15 * n, {fill: MUTED, "font-size": 11}]));
  const tall = top + height + 15 * about.length + 24;
  draw(svg, "rect", {width: width + 24, height: tall, fill: PAPER});
  for (const [line, y, attributes] of lines) text(svg, 12, y, line, attributes);
  const inside = draw(svg, "g", {transform: `translate(12 ${top})`});
  inside.append(...drawn.childNodes);
  for (const [name, value] of Object.entries({width: width + 24, height: tall, viewBox: `0 0 ${width + 24} ${tall}`, "font-family": "sans-serif"})) svg.setAttribute(name, value);
  const markup = new XMLSerializer().serializeToString(svg).replace(/var\(--(\w+)\)/g, (all, name) => LIGHT[name] || all);
  return {markup, width: width + 24, height: tall};
}

function save(blob, name) {
  const link = make("a", {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
const saveSvg = picture => save(new Blob([standalone(picture).markup], {type: "image/svg+xml"}), `${picture.id}.svg`);

function savePng(picture) {
  const {markup, width, height} = standalone(picture), image = new Image(), source = URL.createObjectURL(new Blob([markup], {type: "image/svg+xml"}));
  image.onload = () => {
    const canvas = make("canvas", {width: 2 * width, height: 2 * height}), pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    URL.revokeObjectURL(source);
    canvas.toBlob(blob => save(blob, `${picture.id}.png`));
  };
  image.src = source;
}

/* ---- what can be turned ------------------------------------------------------------------------------ */

const widgets = new Map();    // what stands on the page for each path: {root, mark()}

function widgetFor(control) {
  const id = `c-${control.path.replace(/\W/g, "-")}`, parts = {control, id};
  const back = make("button", {type: "button", class: "back", "aria-label": `${control.label}: as in the scenario`, title: "As in the scenario",
    onclick: () => { setValue(control.path, null); atRest(); }}, "↺");
  const {field, mark} = FIELDS[control.kind](control, id);
  const said = [control.unit && `in ${control.unit}`, control.stated && `in the scenario ${control.stated}`, control.said].filter(Boolean);
  const root = make("div", {class: "control", "data-path": control.path},
    make("div", {class: "top"}, make("label", {for: id}, control.label), back),
    field, control.kind === "choice" ? null : make("p", {class: "what"}, control.meaning),
    make("p", {class: "from", title: said.join("; ")}, said.length ? `${said.join("; ")}.` : ""));
  return {...parts, root, mark: () => {
    const value = valueOf(control.path);
    back.disabled = value === undefined;
    root.classList.toggle("changed", value !== undefined);
    mark(value);
  }};
}

const overruled = path => state.b.set.some(text => replacing(pathOf(text)) && path.startsWith(`${pathOf(text)}.`));

const FIELDS = {
  number(control, id) {
    const described = `${id}-box`, shift = (control.value - control.low) / (control.high - control.low || 1);
    const slider = make("input", {type: "range", id, min: control.low, max: control.high, step: control.step, value: control.value});
    const box = make("input", {type: "number", id: described, step: "any", "aria-label": `${control.label}: exact value`, placeholder: control.uncertain ? "drawn" : plain(control.value)});
    const tick = make("i", {class: "mark", title: "in the scenario"});
    tick.style.left = `calc(8px + (100% - 16px) * ${Math.max(0, Math.min(1, shift))})`;
    slider.addEventListener("input", () => { setValue(control.path, slider.value); box.value = slider.value; turned(false); });
    slider.addEventListener("change", () => { setValue(control.path, slider.value); turned(true, control.path); });
    box.addEventListener("change", () => { setValue(control.path, box.value.trim() || null); turned(true); });
    return {field: make("div", {class: "turn"}, make("span", {class: "track"}, slider, tick), box), mark: value => {
      const number = Number(value);
      if (value === undefined) slider.value = control.value; else if (Number.isFinite(number)) slider.value = number;
      if (document.activeElement !== box) box.value = value !== undefined && Number.isFinite(number) ? value : "";
      box.placeholder = value !== undefined ? value : overruled(control.path) ? "policy’s" : control.uncertain ? "drawn" : plain(control.value);
      slider.setAttribute("aria-valuetext", value ?? `as in the scenario: ${control.stated}`);
    }};
  },
  choice(control, id) {
    const select = make("select", {id}, make("option", {value: ""}, `in the scenario: ${control.stated.split("(")[0]}`),
      ...control.choices.map(one => make("option", {value: one.value, title: one.meaning}, one.value.replaceAll("_", " "))));
    const says = make("p", {class: "what"});
    select.addEventListener("change", () => { setValue(control.path, select.value || null); turned(true); });
    return {field: make("div", {}, select, says), mark: value => {
      if (value !== undefined && ![...select.options].some(one => one.value === value)) select.append(make("option", {value}, value));
      select.value = value ?? "";
      says.textContent = control.choices.find(one => one.value === value)?.meaning ?? (value === undefined ? control.meaning : "Written as with --set.");
    }};
  },
  switch(control, id) {
    const box = make("input", {type: "checkbox", id});
    box.addEventListener("change", () => { setValue(control.path, box.checked ? null : "null"); turned(true); });
    const says = make("span", {});
    return {field: make("div", {class: "turn"}, box, says), mark: value => {
      box.checked = value !== "null";
      says.textContent = box.checked ? "as in the scenario" : "taken out";
    }};
  },
  date(control, id) {
    const box = make("input", {type: "date", id, min: control.first, max: control.last});
    box.addEventListener("change", () => {
      if (!box.value) return;
      setValue(control.path, box.value === control.stated ? null : box.value);
      turned(true);
    });
    return {field: make("div", {class: "turn"}, box), mark: value => { box.value = value ?? control.stated; }};
  },
  text(control, id) {
    const box = make("input", {type: "text", id, maxlength: 300, spellcheck: "false"});
    box.addEventListener("change", () => { setValue(control.path, box.value.trim() || null); turned(true); });
    return {field: make("div", {class: "turn"}, box), mark: value => { box.value = value ?? ""; }};
  },
};

function markControls() {
  const wanted = [...new Set([...state.b.set.map(pathOf).filter(path => !visible.includes(path)), ...visible])];
  while (wanted.length > MOST_VISIBLE) {
    const place = wanted.findLastIndex(path => valueOf(path) === undefined);
    if (place < 0) break;
    wanted.splice(place, 1);
  }
  visible = wanted;
  if ([...$("controls").children].map(one => one.dataset.path).join() !== visible.join()) {
    for (const path of visible) {
      if (!known.has(path)) known.set(path, {path, kind: "text", label: path, meaning: "Written as with --set.", said: "", stated: "", choices: []});
      if (!widgets.has(path)) widgets.set(path, widgetFor(known.get(path)));
    }
    const roots = visible.map(path => widgets.get(path).root), there = $("controls");
    for (const gone of [...there.children].filter(one => !roots.includes(one))) gone.remove();
    roots.forEach((root, n) => { if (there.children[n] !== root) there.insertBefore(root, there.children[n] || null); });
  }
  for (const path of visible) widgets.get(path).mark();
  showNames();
  for (const path of widgets.keys()) if (!visible.includes(path)) widgets.delete(path);
  showDeeds();
}

/* ---- searching --------------------------------------------------------------------------------------- */

let searching = 0;

async function search() {
  const words = $("words").value.trim(), mine = ++searching;
  if (!words) { $("found").replaceChildren(); return; }
  if (words.includes("=")) {
    $("found").replaceChildren(make("ul", {}, make("li", {}, make("button", {type: "button", onclick: () => literal(words)}, `Set ${words}`))));
    return;
  }
  try {
    const {found} = await get(`/search.json?words=${escaped(words)}`);
    if (mine !== searching) return;
    $("found").replaceChildren(found.length ? make("ul", {}, ...found.map(one => make("li", {}, make("button", {type: "button", onclick: () => pick(one)},
      one.label, make("span", {class: "small"}, `${one.path}${one.meaning ? ` · ${one.meaning}` : ""}`))))) : make("p", {class: "small"}, "Nothing has these words."));
  } catch (error) { failed(error, query()); }
}

function pick(control) {
  known.set(control.path, control);
  visible = [control.path, ...visible.filter(path => path !== control.path)];
  $("words").value = "";
  $("found").replaceChildren();
  markControls();
  const root = widgets.get(control.path)?.root;
  root?.scrollIntoView({block: "nearest"});
  root?.querySelector("input, select")?.focus();
}

async function literal(text) {
  const path = pathOf(text).trim();
  setValue(path, text.slice(text.indexOf("=") + 1).trim());
  await learn([path]);
  $("words").value = "";
  $("found").replaceChildren();
  turned(true);
}

async function learn(paths) {
  const unknown = [...new Set(paths)].filter(path => !known.has(path));
  if (!unknown.length) return;
  const {named} = await get(`/search.json?${unknown.map(path => `path=${escaped(path)}`).join("&")}`);
  for (const one of named) known.set(one.path, one);
}

/* ---- acts -------------------------------------------------------------------------------------------- */

function fillDeeds() {
  const actors = Object.entries(scenario.actors), instruments = Object.entries(scenario.instruments);
  const options = (entries, more = []) => [...more, ...entries].map(([value, label]) => make("option", {value}, label));
  $("strike-actor").replaceChildren(...options(actors));
  $("strike-what").replaceChildren(...options(instruments, [["hostile", "any hostile act"]]));
  $("force-actor").replaceChildren(...options(actors));
  $("force-target").replaceChildren(...options(actors));
  $("force-target").selectedIndex = Math.min(1, actors.length - 1);
  $("force-what").replaceChildren(...options(instruments));
  $("force-day").value = scenario.from;
  $("force-day").min = scenario.from;
}

function showDeeds() {
  const rows = [["without", "Struck out"], ["force", "Forced"]].flatMap(([part, label]) => state.b[part].map((text, n) => make("li", {},
    `${label}: ${text} `, make("button", {type: "button", class: "back", "aria-label": `Undo: ${label} ${text}`,
      onclick: () => { state.b[part].splice(n, 1); atRest(); }}, "↺"))));
  $("done").replaceChildren(...rows);
  if (rows.length) $("deeds").open = true;
}

/* ---- one future, and what is taken along ------------------------------------------------------------- */

async function tell() {
  $("tell").disabled = true;
  $("told").replaceChildren(make("p", {class: "small", role: "status"}, "Playing it again, with every reason …"));
  try {
    const {pages} = await get(`/story.json?${query()}&n=${scenario.levels[scenario.levels.length - 1]}`);
    $("told").replaceChildren(...pages.flatMap(one => [make("h2", {}, one.title), ...one.sections.flatMap(part => [
      ...(part.title ? [make("h3", {}, part.title)] : []), ...part.blocks.flatMap(block)])]));
    $("told").dataset.state = query();
  } catch (error) { $("told").replaceChildren(make("p", {class: "warning"}, error.message)); }
  $("tell").disabled = false;
}

function block(one) {
  const paragraphs = lines => lines.map(line => make("p", {}, line));
  if (one.kind === "list") return [make("ul", {}, ...one.lines.map(line => make("li", {}, line)))];
  if (one.kind === "passage") return one.lines.length ? [make("h3", {}, one.head), ...paragraphs(one.lines)] : paragraphs([one.head]);
  if (one.kind === "tree") return [make("h3", {}, one.title), make("p", {class: "note"}, one.note), make("div", {class: "tree"}, make("ul", {}, ...one.lines.map(line => {
    const item = make("li", {}, line.text);
    item.style.marginLeft = `${1.2 * line.level}em`;
    return item;
  })))];
  if (one.kind === "table") return [make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": one.title}, make("table", {}, make("caption", {}, one.title),
    make("thead", {}, make("tr", {}, ...one.headings.map(head => make("th", {scope: "col"}, head)))),
    make("tbody", {}, ...one.rows.map(row => make("tr", {}, ...row.map((cell, n) => make("td", {class: one.numbers.includes(n) ? "num" : ""}, cell ?? ""))))))),
    ...(one.note ? [make("p", {class: "note"}, one.note)] : [])];
  return paragraphs(one.lines);
}

function showAlong() {
  $("commands").replaceChildren(...shown.commands.map(one => make("p", {class: "command"}, make("span", {class: "small"}, one.label), make("code", {}, one.line),
    make("button", {type: "button", "aria-label": `Copy the command: ${one.label}`, onclick: () => copy(one.line, "The command is copied.")}, "Copy"))));
  $("file").href = `/scenario.yaml?${query()}`;
  $("report").href = `/report.html?${query()}`;
  if ($("told").childElementCount && $("told").dataset.state !== query()) $("told").replaceChildren(make("p", {class: "small"}, "Something was changed since the story was told."));
}

async function copy(content, said) {
  try { await navigator.clipboard.writeText(content); } catch { said = `Copy it by hand: ${content}`; }
  $("along-said").textContent = said;
}

/* A download that may fail: what is wrong is said, and takes some seconds. */
async function download(event) {
  event.preventDefault();
  const link = event.currentTarget;
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  $("along-said").textContent = "Being made …";
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error((await response.json()).error);
    save(await response.blob(), /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))?.[1] ?? "saved");
    $("along-said").textContent = "Saved.";
  } catch (error) { $("along-said").textContent = error.message; }
  link.removeAttribute("aria-busy");
}

/* ---- beginning --------------------------------------------------------------------------------------- */

function listen() {
  $("hold").onclick = () => { state.a = copied(state.b); state.view = "less"; atRest(); };
  $("drop").onclick = () => { state.a = null; atRest(); };
  $("swap").onclick = () => { [state.a, state.b] = [state.b, state.a]; atRest(); };
  $("reset").onclick = () => { state.b = nothing(); atRest(); };
  $("less").onclick = () => look("less");
  $("alone").onclick = () => look("alone");
  $("tell").onclick = tell;
  $("copy-address").onclick = () => copy(location.href, "The address is copied. It opens in this browser while the server runs.");
  $("file").onclick = download;
  $("report").onclick = download;
  let soon = 0;
  $("words").oninput = () => { clearTimeout(soon); soon = setTimeout(search, 120); };
  $("words").onkeydown = event => {
    if (event.key === "Enter") { event.preventDefault(); clearTimeout(soon); if ($("words").value.includes("=")) literal($("words").value); else search(); }
    if (event.key === "Escape") { $("words").value = ""; $("found").replaceChildren(); }
  };
  $("strike").onsubmit = event => {
    event.preventDefault();
    const text = `${$("strike-which").value} ${$("strike-actor").value} ${$("strike-what").value}`;
    if (!state.b.without.includes(text)) state.b.without.push(text);
    atRest();
  };
  $("force").onsubmit = event => {
    event.preventDefault();
    const text = `${$("force-day").value} ${$("force-actor").value} ${$("force-what").value} ${$("force-target").value}`;
    if (!state.b.force.includes(text)) state.b.force.push(text);
    atRest();
  };
  addEventListener("popstate", async () => { readAddress(); await learnAll(); markControls(); fine(); });
  let width = 0;
  new ResizeObserver(() => {
    const now = $("pictures").clientWidth;
    if (now !== width) { width = now; redraw(); }
  }).observe($("pictures"));
}

function look(view) {
  state.view = view;
  keep();
  showNames();
  redraw();
}

const learnAll = () => learn([...state.b.set, ...(state.a?.set ?? [])].map(pathOf)).catch(() => {});

async function begin() {
  readAddress();
  $("pictures").append(...PICTURES.map(picture => picture.figure));
  try { scenario = await get("/controls.json"); } catch (error) {
    $("title").textContent = "The scenario cannot be opened";
    $("error").textContent = error.message;
    $("error").hidden = false;
    return;
  }
  document.title = `${scenario.title} · escalation`;
  $("title").textContent = scenario.title;
  $("question").textContent = scenario.question;
  for (const one of scenario.controls) known.set(one.path, one);
  visible = scenario.controls.map(one => one.path);
  await learnAll();
  listen();
  fillDeeds();
  markControls();
  fine();
}

begin();
