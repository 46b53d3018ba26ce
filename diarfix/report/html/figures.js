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
    const reasons = DATA.overall.left_out
      .map((n, why) => [n, DATA.left_out[why][1]])
      .filter(([n]) => n);
    const are = after.n_excluded === 1 ? "is" : "are";
    const skipped = !reasons.length
      ? ""
      : reasons.length === 1
        ? ` ${plural(after.n_excluded, "word")} ${reasons[0][1]} ${are} left out.`
        : ` ${plural(after.n_excluded, "word")} ${are} left out: ${reasons.map(([n, why]) => `${count(n)} ${why}`).join(", ")}.`;
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

const SHOWN = { rate: percent, count };
const shownValue = (name, value) => SHOWN[DATA.metrics[name].shown](value);
const tiles = () => {
  const { after, before, brief } = DATA.overall;
  for (const [name, { title, sentence }] of Object.entries(DATA.metrics)) {
    if (after[name] === undefined) continue;
    const was =
      before && before[name] !== undefined && before[name] !== after[name]
        ? shownValue(name, before[name])
        : null;
    $("tiles").append(tile(title, shownValue(name, after[name]), was, brief[name], sentence));
  }
};

// A metric as a column of the table of recordings.
const figure = (heading, name, version = "after") => ({
  name: heading,
  key: (r) => r[version]?.[name],
  show: (r) => shownValue(name, r[version]?.[name]),
  tip: DATA.metrics[name].sentence,
});
let table = null;
const recordingTable = () => {
  if (ROWS.length < 2) return;
  $("recordings").hidden = false;
  const columns = [
    { name: "recording", left: true, key: (r) => r.id, show: (r) => r.id },
    { name: "words", key: (r) => r.after.n_scored, show: (r) => count(r.after.n_scored) },
    { name: "wrong", key: (r) => r.after.n_word_errors, show: (r) => count(r.after.n_word_errors) },
    HAS_BEFORE && figure("WSER before", "wser", "before"),
    figure("WSER", "wser"),
    HAS_BEFORE && { name: "repaired", key: (r) => r.repaired, show: (r) => count(r.repaired) },
    HAS_BEFORE && { name: "broken", key: (r) => r.broken, show: (r) => count(r.broken) },
    figure("islands", "islands"),
    figure("lost turns", "absorbed_turns"),
    figure("DER", "der"),
    figure("coverage", "coverage"),
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
