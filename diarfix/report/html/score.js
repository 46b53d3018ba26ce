// The score page.
const ROWS = DATA.recordings;
const HAS_BEFORE = DATA.overall.before !== null;

const lead = () => {
  const { after, before, repaired, broken } = DATA.overall;
  const where = ROWS.length > 1 ? ` in ${plural(ROWS.length, "recording")}` : "";
  if (after.n_scored) {
    put($("lead"), h("strong", { class: after.n_word_errors ? "bad" : "good" }, `${count(after.n_word_errors)} of ${count(after.n_scored)} words`), ` ${after.n_word_errors === 1 ? "carries" : "carry"} the wrong speaker${where}`);
    if (before?.n_scored) {
      put($("lead"), `, where ${count(before.n_word_errors)} did before. `, h("strong", { class: "good" }, `${count(repaired)} repaired`), ", ", h("strong", { class: broken ? "bad" : "good" }, `${count(broken)} broken`));
    }
    put($("lead"), ".");
    const skipped = after.n_excluded ? ` ${plural(after.n_excluded, "word")} without one clear speaker in the reference ${after.n_excluded === 1 ? "is" : "are"} left out.` : "";
    const lost = after.n_unlabelled ? ` ${plural(after.n_unlabelled, "word")} without any label ${after.n_unlabelled === 1 ? "counts" : "count"} as wrong.` : "";
    $("sublead").textContent = `Every word is compared with who really spoke at that moment. Speaker names need not agree: they are matched so that the fewest words are wrong.${skipped}${lost}`;
  } else if (typeof after.wder === "number") {
    put($("lead"), h("strong", {}, percent(after.wder)), ` of the words both transcripts share carry the wrong speaker${where}.`);
  } else {
    put($("lead"), h("strong", {}, percent(after.der)), ` diarization error${where}`, before && typeof before.der === "number" ? `, where it was ${percent(before.der)} before.` : ".");
    $("sublead").textContent = "Both sides are turns without words, so only time can be compared.";
  }
};

const DETAILS = {
  wser: (m) => `${count(m.n_word_errors)} of ${count(m.n_scored)} words`,
  islands: (m) => (m.islands ? [1, 2, 3].filter((k) => m.island_hist[k]).map((k) => `${count(m.island_hist[k])} of ${plural(k, "word")}`).join(", ") : ""),
  boundary_f1: (m) => `precision ${percent(m.boundary_precision)}, recall ${percent(m.boundary_recall)}`,
  absorbed_turns: (m) => `of ${plural(m.short_turns, "short turn")}`,
  der: (m) => `missed ${percent(m.der_missed)}, false alarm ${percent(m.der_false_alarm)}, confusion ${percent(m.der_confusion)}`,
  wder: (m) => `${count(m.wder_wrong)} of ${count(m.wder_aligned)} words`,
};
const shownValue = (name, value) => (Number.isInteger(value) && !/wser|der|jer|wer|f1|coverage/.test(name) ? count(value) : percent(value));
const tiles = () => {
  const { after, before } = DATA.overall;
  for (const [name, [title, meaning]] of Object.entries(DATA.metrics)) {
    if (after[name] === undefined) continue;
    const was = before && before[name] !== undefined && before[name] !== after[name] ? shownValue(name, before[name]) : null;
    $("tiles").append(tile(title, shownValue(name, after[name]), was, DETAILS[name] ? DETAILS[name](after) : "", meaning));
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
    HAS_BEFORE && { name: "WSER before", key: (r) => r.before?.wser, show: (r) => percent(r.before?.wser), tip: DATA.metrics.wser[1] },
    { name: "WSER", key: (r) => r.after.wser, show: (r) => percent(r.after.wser), tip: DATA.metrics.wser[1] },
    HAS_BEFORE && { name: "repaired", key: (r) => r.repaired, show: (r) => count(r.repaired) },
    HAS_BEFORE && { name: "broken", key: (r) => r.broken, show: (r) => count(r.broken) },
    { name: "islands", key: (r) => r.after.islands, show: (r) => count(r.after.islands), tip: DATA.metrics.islands[1] },
    { name: "lost turns", key: (r) => r.after.absorbed_turns, show: (r) => count(r.after.absorbed_turns), tip: DATA.metrics.absorbed_turns[1] },
    { name: "DER", key: (r) => r.after.der, show: (r) => percent(r.after.der), tip: DATA.metrics.der[1] },
    { name: "coverage", key: (r) => r.after.coverage, show: (r) => percent(r.after.coverage), tip: DATA.metrics.coverage[1] },
  ].filter(Boolean);
  table = sortableTable($("recordings-table"), "Recordings", columns, ROWS, { onPick: show, start: columns.findIndex((c) => c.name === (ROWS.some((r) => r.after.n_scored) ? "wrong" : "DER")), down: true });
  $("find").addEventListener("input", () => table.filter((r) => r.id.toLowerCase().includes($("find").value.trim().toLowerCase())));
  $("pick-label").hidden = false;
  ROWS.forEach((r, i) => $("pick").append(h("option", { value: i }, r.id)));
  $("pick").addEventListener("change", () => show(ROWS[$("pick").value]));
};

let m = null, at = -1;
const audio = $("audio");
const say = (text) => { $("live").textContent = text; };

const goTo = (i, play = false, room = 0) => {
  if (i < 0) return;
  transcript.select(i);
  timeline.select(i, room);
  say(`${m.text[i]}, ${clock(m.start[i])}${m.after.wrong[i] ? `, wrong: spoken by ${m.people[m.ref[i]]}` : ""}, labelled ${labelText(m, m.after, i)}`);
  if (play && !audio.hidden && m.start[i] !== null) { audio.currentTime = m.start[i] / 1000; audio.play().catch(() => say("The audio cannot be played.")); }
  at = i;
};
const timeline = makeTimeline($("timeline"), $("overview"), (i, t) => {
  if (i >= 0) goTo(i, true);
  else if (!audio.hidden) audio.currentTime = t / 1000;
});
const transcript = makeTranscript($("transcript"), (i, play) => goTo(i, play, 20000));

const STATES = { wrong: "still wrong", broken: "broken", repaired: "repaired" };
const stateName = (state) => (HAS_BEFORE ? STATES[state] : "wrong");
const shownEvents = () => {
  const wanted = $("filter").value;
  return m.events.filter((e) => wanted === "all" || (wanted === "now" ? e.state !== "repaired" : e.state === wanted || e.kind === wanted));
};
const eventNode = (e) => {
  const v = e.version === "before" ? m.before : m.after, i = e.members[0];
  const given = m.person(v, i), giver = given >= 0 ? m.people[given] : m.label(v, i);
  const timeText = clock(e.start), words = e.members.slice(0, 40).map((k) => m.text[k]).join(" ");
  // Named outright: what a browser skips because it is out of sight has no text for it.
  const name = `${DATA.kinds[e.kind][0]}, ${stateName(e.state)}, ${timeText}: ${words}`;
  const node = h("button", { type: "button", class: "event", "aria-label": name },
    h("span", { class: "t" }, timeText),
    h("span", {}, h("span", { class: "k" }, DATA.kinds[e.kind][0]), h("span", { class: `state ${e.state === "repaired" ? "good" : "bad"}` }, stateName(e.state))),
    h("span", { class: "q", dir: "auto" }, words),
    h("span", { class: "p" }, `${personName(m, m.ref[i])}, not ${giver}`));
  node.addEventListener("click", () => openEvent(e));
  e.node = node;
  return node;
};
const openEvent = (e, focus = false) => {
  for (const other of m.events) other.node?.classList.remove("at");
  e.node?.classList.add("at");
  if (e.node?.isConnected) {
    const box = $("events"), a = e.node.getBoundingClientRect(), b = box.getBoundingClientRect();
    if (a.top < b.top || a.bottom > b.bottom) box.scrollTop += a.top - b.top - box.clientHeight / 3;
  }
  goTo(e.first, focus, 12000);
};
const drawEvents = () => {
  const list = shownEvents();
  const words = list.reduce((sum, e) => sum + e.members.length, 0);
  $("events-h").textContent = list.length ? `${plural(words, "word")} in ${plural(list.length, "stretch", "stretches")}` : "Nothing to show";
  $("events").replaceChildren(...list.map(eventNode));
};
const step = (direction) => {
  const list = shownEvents();
  const e = direction > 0 ? list.find((x) => x.first > at) ?? list[0] : list.findLast((x) => x.first < at) ?? list.at(-1);
  if (e) openEvent(e);
};

const kindPanel = () => {
  const panel = $("kinds");
  panel.replaceChildren();
  for (const [kind, [name, picture, meaning]] of Object.entries(DATA.kinds)) {
    const words = (v) => v.errors.filter((e) => e.kind === kind).reduce((sum, e) => sum + e.members.length, 0);
    const text = m.before ? `${count(words(m.before))} → ${plural(words(m.after), "word")}` : plural(words(m.after), "word");
    panel.append(h("div", {}, h("h3", {}, name, h("span", { class: "n" }, text)), h("div", { class: "pic", "aria-hidden": "true" }, picture), h("p", {}, meaning)));
  }
};
const legend = () => {
  const box = $("legend");
  box.replaceChildren();
  m.people.forEach((name, p) => {
    const dot = h("span", { class: "dot" });
    dot.style.background = `var(${personColour(p)})`;
    box.append(h("span", {}, dot, p < m.nRef ? name : `${name} (matched with nobody)`));
  });
  const key = (token, text) => { const k = h("span", { class: "key" }); k.style.background = `var(${token})`; box.append(h("span", {}, k, text)); };
  if (m.scored) key("--wrong", "below a lane: wrong speaker, with its kind");
  if (m.before) key("--good", "above After: repaired (▴ moved, not repaired)");
};

const show = (row) => {
  const i = ROWS.indexOf(row);
  $("pick").value = i;
  table?.pick(row, false);
  const held = row.block !== null;
  $("one-sub").textContent = held ? (ROWS.length > 1 ? row.id : "") : `${row.id}: its words are not in this page, which holds the recordings with the most wrong words only. Score it by itself to see them.`;
  for (const id of ["kinds", "bench"]) $(id).hidden = !held;
  const panes = document.querySelector(".panes");
  panes.hidden = !held;
  if (!held) return;
  m = buildModel(JSON.parse($(row.block).textContent));
  at = -1;
  $("kinds").hidden = !m.scored;
  panes.hidden = m.n === 0;
  for (const id of ["prev", "next"]) $(id).hidden = !m.events.length;
  kindPanel();
  legend();
  transcript.show(m);
  timeline.show(m);
  drawEvents();
};

const sound = (url) => { audio.src = url; audio.hidden = false; };
audio.addEventListener("error", () => { if (audio.src) say("The audio cannot be played."); });
const follow = () => {
  if (!m || audio.paused) return;
  const t = 1000 * audio.currentTime, i = timeline.wordAt(t);
  timeline.play(t);
  if (i >= 0 && i !== at && m.start[i] <= t) { at = i; transcript.select(i); }
  requestAnimationFrame(follow);
};
audio.addEventListener("play", follow);
audio.addEventListener("seeked", () => { if (m) timeline.play(1000 * audio.currentTime); });
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (!file) return;
  if (audio.src.startsWith("blob:")) URL.revokeObjectURL(audio.src);
  sound(URL.createObjectURL(file));
});

const filters = () => {
  const options = HAS_BEFORE ? [["all", "all"], ["now", "wrong now"], ["repaired", "repaired"], ["broken", "broken"]] : [["all", "all kinds"]];
  for (const [value, name] of [...options, ...Object.entries(DATA.kinds).map(([k, [n]]) => [k, n.toLowerCase()])]) $("filter").append(h("option", { value }, name));
  $("filter").addEventListener("change", drawEvents);
};

applyTheme();
lead();
tiles();
notes(DATA.errors);
filters();
recordingTable();
glossary($("gloss"), [...Object.entries(DATA.terms), ...Object.values(DATA.metrics)]);
settingsTable($("settings"), DATA.settings);
$("zoom-in").addEventListener("click", () => timeline.zoom(0.6));
$("zoom-out").addEventListener("click", () => timeline.zoom(1 / 0.6));
$("zoom-fit").addEventListener("click", () => timeline.fit());
$("next").addEventListener("click", () => step(1));
$("prev").addEventListener("click", () => step(-1));
$("only").addEventListener("change", () => transcript.only($("only").checked));
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
  if (e.key === "n" && m) step(1);
  if (e.key === "p" && m) step(-1);
});
if (DATA.audio !== null) sound(DATA.audio);
if (ROWS.length) show([...ROWS].sort((a, b) => (b.block !== null) - (a.block !== null) || (b.after.n_word_errors ?? 0) - (a.after.n_word_errors ?? 0))[0]);
document.documentElement.dataset.ready = "true";
