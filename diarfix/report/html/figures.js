// The figures of a score: the first sentence, the tiles, the table of recordings.
const ROWS = DATA.recordings;
const HAS_BEFORE = DATA.overall.before !== null;

const lead = () => {
  const { after, before, repaired, broken } = DATA.overall;
  const where = ROWS.length > 1 ? ` in ${plural(ROWS.length, "recording")}` : "";
  if (after.n_scored) {
    put(
      $("lead"),
      h(
        "strong",
        { class: after.n_word_errors ? "bad" : "good" },
        `${count(after.n_word_errors)} of ${count(after.n_scored)} words`,
      ),
      ` ${after.n_word_errors === 1 ? "carries" : "carry"} the wrong speaker${where}`,
    );
    if (before?.n_scored) {
      put(
        $("lead"),
        `, where ${count(before.n_word_errors)} did before. `,
        h("strong", { class: "good" }, `${count(repaired)} repaired`),
        ", ",
        h("strong", { class: broken ? "bad" : "good" }, `${count(broken)} broken`),
      );
    }
    put($("lead"), ".");
    const skipped = after.n_excluded
      ? ` ${plural(after.n_excluded, "word")} without one clear speaker in the reference ${after.n_excluded === 1 ? "is" : "are"} left out.`
      : "";
    const lost = after.n_unlabelled
      ? ` ${plural(after.n_unlabelled, "word")} without any label ${after.n_unlabelled === 1 ? "counts" : "count"} as wrong.`
      : "";
    $("sublead").textContent =
      `Every word is compared with who really spoke at that moment. Speaker names need not agree: they are matched so that the fewest words are wrong.${skipped}${lost}`;
  } else if (typeof after.wder === "number") {
    put(
      $("lead"),
      h("strong", {}, percent(after.wder)),
      ` of the words both transcripts share carry the wrong speaker${where}.`,
    );
  } else {
    put(
      $("lead"),
      h("strong", {}, percent(after.der)),
      ` diarization error${where}`,
      before && typeof before.der === "number"
        ? `, where it was ${percent(before.der)} before.`
        : ".",
    );
    $("sublead").textContent = "Both sides are turns without words, so only time can be compared.";
  }
};

const DETAILS = {
  wser: (m) => `${count(m.n_word_errors)} of ${count(m.n_scored)} words`,
  islands: (m) =>
    m.islands
      ? [1, 2, 3]
          .filter((k) => m.island_hist[k])
          .map((k) => `${count(m.island_hist[k])} of ${plural(k, "word")}`)
          .join(", ")
      : "",
  boundary_f1: (m) =>
    `precision ${percent(m.boundary_precision)}, recall ${percent(m.boundary_recall)}`,
  absorbed_turns: (m) => `of ${plural(m.short_turns, "short turn")}`,
  der: (m) =>
    `missed ${percent(m.der_missed)}, false alarm ${percent(m.der_false_alarm)}, confusion ${percent(m.der_confusion)}`,
  wder: (m) => `${count(m.wder_wrong)} of ${count(m.wder_aligned)} words`,
};
const shownValue = (name, value) =>
  Number.isInteger(value) && !/wser|der|jer|wer|f1|coverage/.test(name)
    ? count(value)
    : percent(value);
const tiles = () => {
  const { after, before } = DATA.overall;
  for (const [name, [title, meaning]] of Object.entries(DATA.metrics)) {
    if (after[name] === undefined) continue;
    const was =
      before && before[name] !== undefined && before[name] !== after[name]
        ? shownValue(name, before[name])
        : null;
    $("tiles").append(
      tile(
        title,
        shownValue(name, after[name]),
        was,
        DETAILS[name] ? DETAILS[name](after) : "",
        meaning,
      ),
    );
  }
};

let table = null;
const recordingTable = () => {
  if (ROWS.length < 2) return;
  $("recordings").hidden = false;
  const columns = [
    { name: "recording", left: true, key: (r) => r.id, show: (r) => r.id },
    { name: "words", key: (r) => r.after.n_scored, show: (r) => count(r.after.n_scored) },
    { name: "wrong", key: (r) => r.after.n_word_errors, show: (r) => count(r.after.n_word_errors) },
    HAS_BEFORE && {
      name: "WSER before",
      key: (r) => r.before?.wser,
      show: (r) => percent(r.before?.wser),
      tip: DATA.metrics.wser[1],
    },
    {
      name: "WSER",
      key: (r) => r.after.wser,
      show: (r) => percent(r.after.wser),
      tip: DATA.metrics.wser[1],
    },
    HAS_BEFORE && { name: "repaired", key: (r) => r.repaired, show: (r) => count(r.repaired) },
    HAS_BEFORE && { name: "broken", key: (r) => r.broken, show: (r) => count(r.broken) },
    {
      name: "islands",
      key: (r) => r.after.islands,
      show: (r) => count(r.after.islands),
      tip: DATA.metrics.islands[1],
    },
    {
      name: "lost turns",
      key: (r) => r.after.absorbed_turns,
      show: (r) => count(r.after.absorbed_turns),
      tip: DATA.metrics.absorbed_turns[1],
    },
    {
      name: "DER",
      key: (r) => r.after.der,
      show: (r) => percent(r.after.der),
      tip: DATA.metrics.der[1],
    },
    {
      name: "coverage",
      key: (r) => r.after.coverage,
      show: (r) => percent(r.after.coverage),
      tip: DATA.metrics.coverage[1],
    },
  ].filter(Boolean);
  table = sortableTable($("recordings-table"), "Recordings", columns, ROWS, {
    onPick: show,
    start: columns.findIndex(
      (c) => c.name === (ROWS.some((r) => r.after.n_scored) ? "wrong" : "DER"),
    ),
    down: true,
  });
  $("find").addEventListener("input", () =>
    table.filter((r) => r.id.toLowerCase().includes($("find").value.trim().toLowerCase())),
  );
  $("pick-label").hidden = false;
  ROWS.forEach((r, i) => $("pick").append(h("option", { value: i }, r.id)));
  $("pick").addEventListener("change", () => show(ROWS[$("pick").value]));
};
