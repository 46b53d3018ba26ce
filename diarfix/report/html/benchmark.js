// The benchmark page: first sentence, tiles, charts.
const BASE = DATA.variants[0];
const VARIANTS = DATA.variants.slice(1);
const GROUPS = [
  ...Object.entries(DATA.datasets),
  ...(Object.keys(DATA.datasets).length > 1 ? [["overall", DATA.overall]] : []),
];
const SETS = Object.keys(DATA.datasets);
const metric = (name) => DATA.metrics[name].sentence;
const ran = (m) => m && !m.skipped;
const share = (m) =>
  m.base_word_errors ? (m.n_word_errors - m.base_word_errors) / m.base_word_errors : null;

const lead = () => {
  const base = DATA.overall[BASE];
  const best = VARIANTS.map((v) => [v, DATA.overall[v]])
    .filter(([, m]) => ran(m) && m.base_word_errors)
    .sort((a, b) => (b[1].delta.mean ?? -1) - (a[1].delta.mean ?? -1))[0];
  const intro = `${plural(DATA.files.length, "recording")} in ${plural(SETS.length, "dataset")}, ${count(base.n_scored)} words with a known speaker.`;
  $("sublead").textContent = intro;
  if (!best) {
    put(
      $("lead"),
      "Without repair ",
      h("strong", {}, count(base.n_word_errors)),
      ` of ${count(base.n_scored)} words carry the wrong speaker.`,
    );
    return;
  }
  const [name, m] = best,
    p = 100 * share(m),
    sure = m.delta.significant;
  const cls = !sure ? "" : p < 0 ? "good" : "bad";
  put(
    $("lead"),
    h("strong", {}, name),
    ` leaves ${count(m.n_word_errors)} words with the wrong speaker where there were ${count(m.base_word_errors)}: `,
    h("strong", { class: cls }, `${sure ? "" : "~ "}${signed(p)} %`),
    `. It repaired ${count(m.repaired)} and broke ${count(m.broken)}.`,
  );
};

const tiles = () => {
  for (const v of VARIANTS) {
    const m = DATA.overall[v];
    if (!ran(m)) {
      $("tiles").append(tile(v, "–", null, "", m ? m.skipped : "not run"));
      continue;
    }
    const d = m.delta,
      p = share(m);
    const ci =
      d.ci_low === null
        ? ""
        : `, 95 % interval ${signed(100 * d.ci_low, 2)} to ${signed(100 * d.ci_high, 2)}`;
    $("tiles").append(
      tile(
        v,
        p === null
          ? "–"
          : h(
              "span",
              { class: { better: "good", worse: "bad", unsure: "" }[verdict(d)] },
              `${d.significant ? "" : "~ "}${signed(100 * p)} %`,
            ),
        null,
        `${count(m.n_word_errors)} wrong words, ${percent(m.wser)}`,
        `Gain ${d.mean === null ? "–" : signed(100 * d.mean, 2)} percentage points${ci}. ${count(m.repaired)} words repaired, ${count(m.broken)} broken; ${plural(m.regressions, "recording")} flagged as harmed.`,
      ),
    );
  }
  const b = DATA.overall[BASE];
  $("tiles").append(
    tile(
      "off: without repair",
      percent(b.wser),
      null,
      `${count(b.n_word_errors)} of ${count(b.n_scored)} words with the wrong speaker`,
      "As the diarizer left them.",
    ),
  );
};

const gainChart = (scale) => {
  const relative = scale === "share";
  const rows = [];
  for (const [name, g] of GROUPS)
    for (const v of VARIANTS) {
      const m = g[v];
      if (!ran(m)) {
        const why = m ? m.skipped : "not run";
        rows.push({
          group: name,
          name: v,
          cls: "unsure",
          label: why,
          brief: why,
          tip: `${name}, ${v}: not run`,
        });
        continue;
      }
      const d = m.delta;
      // The gain is off − variant; a change is its opposite. As a share: both divided by off's WSER.
      const base = m.base_word_errors / m.n_scored;
      const f = relative ? (base ? 100 / base : NaN) : 100;
      // Drawn recordings may have more to lose than off has in all; nothing has less than no errors.
      const ends = [d.ci_low, d.ci_high]
        .map((x) => (x === null ? NaN : Math.max(-f * x, relative ? -100 : -Infinity)))
        .sort((a, b) => a - b);
      const cls = verdict(d),
        value = f * (m.wser - base);
      const unit = relative ? "%" : "points";
      const interval = Number.isFinite(ends[0])
        ? ` [${signed(ends[0], relative ? 0 : 2)}, ${signed(ends[1], relative ? 0 : 2)}]`
        : "";
      const brief = Number.isFinite(value)
        ? `${cls === "unsure" ? "~ " : ""}${signed(value, relative ? 1 : 2)} ${relative ? "%" : ""}`
        : "–";
      const text = Number.isFinite(value)
        ? `${brief.trim()}${relative ? "" : ` ${unit}`}${interval}`
        : "–";
      rows.push({
        group: name,
        name: v,
        mean: value,
        low: ends[0],
        high: ends[1],
        cls,
        label: text,
        brief,
        tip: `${name}, ${v}\n${count(m.base_word_errors)} → ${count(m.n_word_errors)} wrong of ${count(m.n_scored)} words\nchange ${text}\n${cls === "unsure" ? "The interval spans zero: this may be chance." : cls === "better" ? "Better than off beyond chance." : "Worse than off beyond chance."}\nOver ${count(d.n)} × ${d.unit}, ${count(d.draws)} draws, seed ${d.seed}.`,
      });
    }
  if (rows.length)
    barChart(
      $("gain"),
      "Change in wrong words against off, with 95 % intervals. The same figures stand in the table of pooled figures.",
      rows,
      (v) => (relative ? `${signed(v, 0)} %` : signed(v, Math.abs(v) < 1 && v !== 0 ? 1 : 0)),
    );
};

const movedChart = () => {
  const rows = [];
  for (const [name, g] of GROUPS)
    for (const v of VARIANTS) {
      const m = g[v];
      if (!ran(m)) continue;
      const f = m.base_word_errors ? 100 / m.base_word_errors : NaN;
      rows.push({
        group: name,
        name: v,
        mean: f * m.repaired,
        mean2: -f * m.broken,
        cls: "better",
        label: count(m.repaired),
        label2: count(m.broken),
        tip: `${name}, ${v}\n${plural(m.repaired, "word")} repaired, ${count(m.broken)} broken\nof ${count(m.base_word_errors)} that were wrong in off`,
      });
    }
  if (rows.length)
    barChart(
      $("moved"),
      "Repaired words to the right of zero, broken words to the left, as a share of the wrong words of off.",
      rows,
      (v) => `${count(Math.abs(Math.round(v)))} %`,
      true,
    );
};
