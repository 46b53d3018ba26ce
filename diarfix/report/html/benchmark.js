// The benchmark page.
const BASE = DATA.variants[0];
const VARIANTS = DATA.variants.slice(1);
const GROUPS = [...Object.entries(DATA.datasets), ...(Object.keys(DATA.datasets).length > 1 ? [["overall", DATA.overall]] : [])];
const SETS = Object.keys(DATA.datasets);
const metric = (name) => DATA.metrics[name][1];
const ran = (m) => m && !m.skipped;
const share = (m) => (m.base_word_errors ? (m.n_word_errors - m.base_word_errors) / m.base_word_errors : null);

const lead = () => {
  const base = DATA.overall[BASE];
  const best = VARIANTS.map((v) => [v, DATA.overall[v]]).filter(([, m]) => ran(m) && m.base_word_errors)
    .sort((a, b) => (b[1].delta.mean ?? -1) - (a[1].delta.mean ?? -1))[0];
  const intro = `${plural(DATA.files.length, "recording")} in ${plural(SETS.length, "dataset")}, ${count(base.n_scored)} words with a known speaker.`;
  $("sublead").textContent = intro;
  if (!best) {
    put($("lead"), "Without repair ", h("strong", {}, count(base.n_word_errors)), ` of ${count(base.n_scored)} words carry the wrong speaker.`);
    return;
  }
  const [name, m] = best, p = 100 * share(m), sure = m.delta.significant;
  const cls = !sure ? "" : p < 0 ? "good" : "bad";
  put($("lead"), h("strong", {}, name), ` leaves ${count(m.n_word_errors)} words with the wrong speaker where there were ${count(m.base_word_errors)}: `,
    h("strong", { class: cls }, `${sure ? "" : "~ "}${signed(p)} %`), `. It repaired ${count(m.repaired)} and broke ${count(m.broken)}.`);
};

const tiles = () => {
  for (const v of VARIANTS) {
    const m = DATA.overall[v];
    if (!ran(m)) { $("tiles").append(tile(v, "–", null, "", m ? m.skipped : "not run")); continue; }
    const d = m.delta, p = share(m);
    const ci = d.ci_low === null ? "" : `, 95 % interval ${signed(100 * d.ci_low, 2)} to ${signed(100 * d.ci_high, 2)}`;
    $("tiles").append(tile(v, p === null ? "–" : h("span", { class: { better: "good", worse: "bad", unsure: "" }[verdict(d)] }, `${d.significant ? "" : "~ "}${signed(100 * p)} %`), null,
      `${count(m.n_word_errors)} wrong words, ${percent(m.wser)}`,
      `Gain ${d.mean === null ? "–" : signed(100 * d.mean, 2)} percentage points${ci}. ${count(m.repaired)} words repaired, ${count(m.broken)} broken; ${plural(m.regressions, "recording")} flagged as harmed.`));
  }
  const b = DATA.overall[BASE];
  $("tiles").append(tile("off: without repair", percent(b.wser), null, `${count(b.n_word_errors)} of ${count(b.n_scored)} words`, "carry the wrong speaker, as the diarizer left them."));
};

const gainChart = (scale) => {
  const relative = scale === "share";
  const rows = [];
  for (const [name, g] of GROUPS) for (const v of VARIANTS) {
    const m = g[v];
    if (!ran(m)) { const why = m ? m.skipped : "not run"; rows.push({ group: name, name: v, cls: "unsure", label: why, brief: why, tip: `${name}, ${v}: not run` }); continue; }
    const d = m.delta;
    // The gain is off − variant; a change is its opposite. As a share: both divided by off's WSER.
    const base = m.base_word_errors / m.n_scored;
    const f = relative ? (base ? 100 / base : NaN) : 100;
    const ends = [d.ci_low, d.ci_high].map((x) => (x === null ? NaN : -f * x)).sort((a, b) => a - b);
    const cls = verdict(d), value = f * (m.wser - base);
    const unit = relative ? "%" : "points";
    const interval = Number.isFinite(ends[0]) ? ` [${signed(ends[0], relative ? 0 : 2)}, ${signed(ends[1], relative ? 0 : 2)}]` : "";
    const brief = Number.isFinite(value) ? `${cls === "unsure" ? "~ " : ""}${signed(value, relative ? 1 : 2)} ${relative ? "%" : ""}` : "–";
    const text = Number.isFinite(value) ? `${brief.trim()}${relative ? "" : ` ${unit}`}${interval}` : "–";
    rows.push({ group: name, name: v, mean: value, low: ends[0], high: ends[1], cls, label: text, brief,
      tip: `${name}, ${v}\n${count(m.base_word_errors)} → ${count(m.n_word_errors)} wrong of ${count(m.n_scored)} words\nchange ${text}\n${cls === "unsure" ? "The interval spans zero: this may be chance." : cls === "better" ? "Better than off beyond chance." : "Worse than off beyond chance."}\nOver ${count(d.n)} × ${d.unit}, ${count(d.draws)} draws, seed ${d.seed}.` });
  }
  if (rows.length) barChart($("gain"), "Change in wrong words against off, with 95 % intervals. The same figures stand in the table of pooled figures.", rows, (v) => (relative ? `${signed(v, 0)} %` : signed(v, Math.abs(v) < 1 && v !== 0 ? 1 : 0)));
};

const movedChart = () => {
  const rows = [];
  for (const [name, g] of GROUPS) for (const v of VARIANTS) {
    const m = g[v];
    if (!ran(m)) continue;
    const f = m.base_word_errors ? 100 / m.base_word_errors : NaN;
    rows.push({ group: name, name: v, mean: f * m.repaired, mean2: -f * m.broken, cls: "better", label: count(m.repaired), label2: count(m.broken),
      tip: `${name}, ${v}\n${plural(m.repaired, "word")} repaired, ${count(m.broken)} broken\nof ${count(m.base_word_errors)} that were wrong in off` });
  }
  if (rows.length) barChart($("moved"), "Repaired words to the right of zero, broken words to the left, as a share of the wrong words of off.", rows, (v) => `${count(Math.abs(Math.round(v)))} %`, true);
};

let fileTable = null, markPoint = () => {}, drawScatter = () => {}, drawGain = () => {};
const recordingTip = (row, v) => {
  const b = row.variants[BASE], m = row.variants[v];
  return `${row.id} (${row.dataset})\noff ${percent(b.wser)} → ${v} ${percent(m.wser)}\n${plural(m.repaired, "word")} repaired, ${count(m.broken)} broken${m.regression_reasons.length ? `\nworse than off: ${m.regression_reasons.join(", ")}` : ""}`;
};
const showVariant = (v) => {
  const rows = DATA.files, both = rows.filter((r) => ran(r.variants[v]) && r.variants[v].wser !== undefined && r.variants[v].wser !== null && r.variants[BASE].wser !== null);
  const look = (row) => { const i = SETS.indexOf(row.dataset); return { shape: SHAPES[i % SHAPES.length], colour: `--s${i % 8}` }; };
  const pickRow = (row) => { fileTable.pick(row); markPoint(row); };
  drawScatter = () => { markPoint = scatter($("scatter"), `Word speaker error rate of every recording, off against ${v}`, both.map((row) => ({
    x: row.variants[BASE].wser, y: row.variants[v].wser, row, ...look(row), flag: row.variants[v].regression_reasons.length > 0,
    label: recordingTip(row, v).replaceAll("\n", ", "), tip: recordingTip(row, v) })),
  "word speaker error rate, off (axes are square roots)", `word speaker error rate, ${v}`, pickRow); };
  drawScatter();
  const of = (row) => (ran(row.variants[v]) ? row.variants[v] : {});
  const change = (row) => { const b = row.variants[BASE].n_word_errors, n = of(row).n_word_errors; return b ? (n - b) / b : n === b ? 0 : null; };
  fileTable = sortableTable($("files"), `Recordings under ${v} against off`, [
    { name: "recording", left: true, key: (r) => r.id, show: (r) => r.id },
    { name: "dataset", left: true, key: (r) => r.dataset, show: (r) => r.dataset },
    { name: "words", key: (r) => r.variants[BASE].n_scored, show: (r) => count(r.variants[BASE].n_scored), tip: "Words with a known speaker." },
    { name: "off", key: (r) => r.variants[BASE].wser, show: (r) => percent(r.variants[BASE].wser), tip: `Off. ${metric("wser")}` },
    { name: v, key: (r) => of(r).wser, show: (r) => r.variants[v].skipped ?? percent(of(r).wser), tip: `${v}. ${metric("wser")}` },
    { name: "change", key: change, show: (r) => { const c = change(r); return c === null || Number.isNaN(c) ? "–" : `${signed(100 * c)} %`; }, cls: (r) => (change(r) < 0 ? "good" : change(r) > 0 ? "bad" : ""), tip: "Wrong words, against off." },
    { name: "repaired", key: (r) => of(r).repaired, show: (r) => count(of(r).repaired), tip: DATA.terms["repaired, broken"] },
    { name: "broken", key: (r) => of(r).broken, show: (r) => count(of(r).broken), tip: DATA.terms["repaired, broken"] },
    { name: "islands", key: (r) => of(r).islands, show: (r) => `${count(r.variants[BASE].islands)} → ${count(of(r).islands)}`, tip: metric("islands") },
    { name: "DER", key: (r) => of(r).der, show: (r) => percent(of(r).der), tip: metric("der") },
    { name: "worse in", left: true, key: (r) => (of(r).regression_reasons ?? []).join(", ") || null, show: (r) => (of(r).regression_reasons ?? []).join(", "), cls: () => "flag", tip: DATA.terms.regression },
  ], rows, { onPick: pickRow, start: 5 });
  search();
};
const search = () => {
  const wanted = $("find").value.trim().toLowerCase();
  const n = fileTable.filter((r) => `${r.id} ${r.dataset}`.toLowerCase().includes(wanted));
  $("count").textContent = wanted ? `${count(n)} of ${plural(DATA.files.length, "recording")}` : plural(DATA.files.length, "recording");
};

const pooledTable = () => {
  const rows = GROUPS.flatMap(([name, g]) => DATA.variants.map((v) => ({ name: v === BASE ? name : "", v, m: g[v] ?? {}, total: name === "overall" && v === BASE })));
  const gain = (d) => (!d ? "" : d.mean === null ? "–" : `${signed(100 * d.mean, 2)}${d.ci_low === null ? "" : ` [${signed(100 * d.ci_low, 2)}, ${signed(100 * d.ci_high, 2)}]`}`);
  plainTable($("pooled"), "Pooled figures by dataset and variant", [
    { name: "dataset", left: true, show: (r) => r.name },
    { name: "variant", left: true, show: (r) => r.v },
    { name: "recordings", show: (r) => count(r.m.n_files ?? 0) },
    { name: "wrong words", show: (r) => count(r.m.n_word_errors) },
    { name: "WSER", show: (r) => percent(r.m.wser), tip: metric("wser") },
    { name: "change", show: (r) => (!r.m.delta || share(r.m) === null ? "" : `${r.m.delta.significant ? "" : "~ "}${signed(100 * share(r.m))} %`), cls: (r) => ({ better: "good", worse: "bad", unsure: "" }[verdict(r.m.delta)]) },
    { name: "gain, points [95 %]", show: (r) => gain(r.m.delta), tip: DATA.terms["95 % interval"] },
    { name: "repaired", show: (r) => (r.m.delta ? count(r.m.repaired) : "") },
    { name: "broken", show: (r) => (r.m.delta ? count(r.m.broken) : "") },
    { name: "islands", show: (r) => count(r.m.islands), tip: metric("islands") },
    { name: "lost turns", show: (r) => count(r.m.absorbed_turns), tip: metric("absorbed_turns") },
    { name: "DER", show: (r) => percent(r.m.der), tip: metric("der") },
    { name: "harmed", show: (r) => (r.m.delta ? count(r.m.regressions) : ""), tip: DATA.terms.regression },
  ], rows);
};

applyTheme();
lead();
tiles();
notes([...DATA.notes, ...DATA.errors.map((e) => `${e.id} could not be scored: ${e.error}`)]);
pooledTable();
glossary($("gloss"), [...Object.entries(DATA.terms), ...Object.values(DATA.metrics)]);
settingsTable($("settings"), DATA.settings);
if (VARIANTS.length) {
  choices($("scale"), [["share", "share of off’s wrong words"], ["points", "percentage points"]], "share", (scale) => { drawGain = () => gainChart(scale); drawGain(); });
  redrawn($("gain"), () => drawGain());
  redrawn($("moved"), movedChart)();
  redrawn($("scatter"), () => drawScatter());
  SETS.forEach((name, i) => {
    const icon = svg("svg", { width: 14, height: 14, "aria-hidden": "true" }, marker(SHAPES[i % SHAPES.length], 7, 7, 4.6));
    icon.firstChild.style.fill = `var(--s${i % 8})`;
    $("scatter-legend").append(h("span", {}, icon, ` ${name}`));
  });
  const flagged = (v) => DATA.overall[v]?.delta?.mean ?? -Infinity;
  choices($("variant"), VARIANTS.map((v) => [v, v]), [...VARIANTS].sort((a, b) => flagged(b) - flagged(a))[0], showVariant);
  $("find").addEventListener("input", search);
} else for (const id of ["gain-h", "moved-h", "each-h"]) $(id).closest("section").hidden = true;
document.documentElement.dataset.ready = "true";
