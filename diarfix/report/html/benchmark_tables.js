// Every recording of a benchmark, as points and rows, and the pooled figures.
let fileTable = null,
  markPoint = () => {},
  drawScatter = () => {},
  drawGain = () => {};
const recordingTip = (row, v) => {
  const b = row.variants[BASE],
    m = row.variants[v];
  return `${row.id} (${row.dataset})\noff ${percent(b.wser)} → ${v} ${percent(m.wser)}\n${plural(m.repaired, "word")} repaired, ${count(m.broken)} broken${m.regression_reasons.length ? `\nworse than off: ${m.regression_reasons.join(", ")}` : ""}`;
};
const showVariant = (v) => {
  const rows = DATA.files,
    both = rows.filter(
      (r) =>
        ran(r.variants[v]) &&
        r.variants[v].wser !== undefined &&
        r.variants[v].wser !== null &&
        r.variants[BASE].wser !== null,
    );
  const look = (row) => {
    const i = SETS.indexOf(row.dataset);
    return { shape: SHAPES[i % SHAPES.length], colour: `--s${i % 8}` };
  };
  const pickRow = (row) => {
    fileTable.pick(row);
    markPoint(row);
  };
  drawScatter = () => {
    markPoint = scatter(
      $("scatter"),
      `Word speaker error rate of every recording, off against ${v}`,
      both.map((row) => ({
        x: row.variants[BASE].wser,
        y: row.variants[v].wser,
        row,
        ...look(row),
        flag: row.variants[v].regression_reasons.length > 0,
        label: recordingTip(row, v).replaceAll("\n", ", "),
        tip: recordingTip(row, v),
      })),
      "word speaker error rate, off (axes are square roots)",
      `word speaker error rate, ${v}`,
      pickRow,
    );
  };
  drawScatter();
  const of = (row) => (ran(row.variants[v]) ? row.variants[v] : {});
  const change = (row) => {
    const b = row.variants[BASE].n_word_errors,
      n = of(row).n_word_errors;
    return b ? (n - b) / b : n === b ? 0 : null;
  };
  fileTable = sortableTable(
    $("files"),
    `Recordings under ${v} against off`,
    [
      { name: "recording", left: true, key: (r) => r.id, show: (r) => r.id },
      { name: "dataset", left: true, key: (r) => r.dataset, show: (r) => r.dataset },
      {
        name: "words",
        key: (r) => r.variants[BASE].n_scored,
        show: (r) => count(r.variants[BASE].n_scored),
        tip: "Words with a known speaker.",
      },
      {
        name: "off",
        key: (r) => r.variants[BASE].wser,
        show: (r) => percent(r.variants[BASE].wser),
        tip: `Off. ${metric("wser")}`,
      },
      {
        name: v,
        key: (r) => of(r).wser,
        show: (r) => r.variants[v].skipped ?? percent(of(r).wser),
        tip: `${v}. ${metric("wser")}`,
      },
      {
        name: "change",
        key: change,
        show: (r) => {
          const c = change(r);
          return c === null || Number.isNaN(c) ? "–" : `${signed(100 * c)} %`;
        },
        cls: (r) => (change(r) < 0 ? "good" : change(r) > 0 ? "bad" : ""),
        tip: "Wrong words, against off.",
      },
      {
        name: "repaired",
        key: (r) => of(r).repaired,
        show: (r) => count(of(r).repaired),
        tip: DATA.terms["repaired, broken"],
      },
      {
        name: "broken",
        key: (r) => of(r).broken,
        show: (r) => count(of(r).broken),
        tip: DATA.terms["repaired, broken"],
      },
      {
        name: "islands",
        key: (r) => of(r).islands,
        show: (r) => `${count(r.variants[BASE].islands)} → ${count(of(r).islands)}`,
        tip: metric("islands"),
      },
      { name: "DER", key: (r) => of(r).der, show: (r) => percent(of(r).der), tip: metric("der") },
      {
        name: "worse in",
        left: true,
        key: (r) => (of(r).regression_reasons ?? []).join(", ") || null,
        show: (r) => (of(r).regression_reasons ?? []).join(", "),
        cls: () => "flag",
        tip: DATA.terms.regression,
      },
    ],
    rows,
    { onPick: pickRow, start: 5 },
  );
  search();
};
const search = () => {
  const wanted = $("find").value.trim().toLowerCase();
  const n = fileTable.filter((r) => `${r.id} ${r.dataset}`.toLowerCase().includes(wanted));
  $("count").textContent = wanted
    ? `${count(n)} of ${plural(DATA.files.length, "recording")}`
    : plural(DATA.files.length, "recording");
};

const pooledTable = () => {
  const rows = GROUPS.flatMap(([name, g]) =>
    DATA.variants.map((v) => ({
      name: v === BASE ? name : "",
      v,
      m: g[v] ?? {},
      total: name === "overall" && v === BASE,
    })),
  );
  const gain = (d) =>
    !d
      ? ""
      : d.mean === null
        ? "–"
        : `${signed(100 * d.mean, 2)}${d.ci_low === null ? "" : ` [${signed(100 * d.ci_low, 2)}, ${signed(100 * d.ci_high, 2)}]`}`;
  plainTable(
    $("pooled"),
    "Pooled figures by dataset and variant",
    [
      { name: "dataset", left: true, show: (r) => r.name },
      { name: "variant", left: true, show: (r) => r.v },
      { name: "recordings", show: (r) => count(r.m.n_files ?? 0) },
      { name: "wrong words", show: (r) => count(r.m.n_word_errors) },
      { name: "WSER", show: (r) => percent(r.m.wser), tip: metric("wser") },
      {
        name: "change",
        show: (r) =>
          !r.m.delta || share(r.m) === null
            ? ""
            : `${r.m.delta.significant ? "" : "~ "}${signed(100 * share(r.m))} %`,
        cls: (r) => ({ better: "good", worse: "bad", unsure: "" })[verdict(r.m.delta)],
      },
      {
        name: "gain, points [95 %]",
        show: (r) => gain(r.m.delta),
        tip: DATA.terms["95 % interval"],
      },
      { name: "repaired", show: (r) => (r.m.delta ? count(r.m.repaired) : "") },
      { name: "broken", show: (r) => (r.m.delta ? count(r.m.broken) : "") },
      { name: "islands", show: (r) => count(r.m.islands), tip: metric("islands") },
      { name: "lost turns", show: (r) => count(r.m.absorbed_turns), tip: metric("absorbed_turns") },
      { name: "DER", show: (r) => percent(r.m.der), tip: metric("der") },
      {
        name: "harmed",
        show: (r) => (r.m.delta ? count(r.m.regressions) : ""),
        tip: DATA.terms.regression,
      },
    ],
    rows,
  );
};
applyTheme();
lead();
tiles();
notes([...DATA.notes, ...DATA.errors.map((e) => `${e.id} could not be scored: ${e.error}`)]);
pooledTable();
glossary($("gloss"), [...Object.entries(DATA.terms), ...metricTerms()]);
settingsTable($("settings"), DATA.settings);
if (VARIANTS.length) {
  choices(
    $("scale"),
    [
      ["share", "share of off’s wrong words"],
      ["points", "percentage points"],
    ],
    "share",
    (scale) => {
      drawGain = () => gainChart(scale);
      drawGain();
    },
  );
  redrawn($("gain"), () => drawGain());
  redrawn($("moved"), movedChart)();
  redrawn($("scatter"), () => drawScatter());
  SETS.forEach((name, i) => {
    const icon = svg(
      "svg",
      { width: 14, height: 14, "aria-hidden": "true" },
      marker(SHAPES[i % SHAPES.length], 7, 7, 4.6),
    );
    icon.firstChild.style.fill = `var(--s${i % 8})`;
    $("scatter-legend").append(h("span", {}, icon, ` ${name}`));
  });
  const flagged = (v) => DATA.overall[v]?.delta?.mean ?? -Infinity;
  choices(
    $("variant"),
    VARIANTS.map((v) => [v, v]),
    [...VARIANTS].sort((a, b) => flagged(b) - flagged(a))[0],
    showVariant,
  );
  $("find").addEventListener("input", search);
} else for (const id of ["gain-h", "moved-h", "each-h"]) $(id).closest("section").hidden = true;
document.documentElement.dataset.ready = "true";
