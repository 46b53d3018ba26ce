// One recording of a score: timeline, transcript, errors and sound, kept in step.
let m = null,
  at = -1;
const audio = $("audio");
const say = (text) => {
  $("live").textContent = text;
};

const goTo = (i, play = false, room = 0) => {
  if (i < 0) return;
  transcript.select(i);
  timeline.select(i, room);
  const wrong = m.after.wrong[i] ? `, wrong: spoken by ${m.people[m.ref[i]]}` : "",
    out = m.scored && m.ref[i] < 0 ? `, not scored: ${whyLeftOut(m, i)}` : "";
  say(`${m.text[i]}, ${clock(m.start[i])}${wrong}${out}, labelled ${labelText(m, m.after, i)}`);
  if (play && !audio.hidden && m.start[i] !== null) {
    audio.currentTime = m.start[i] / 1000;
    audio.play().catch(() => say("The audio cannot be played."));
  }
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
  return m.events.filter(
    (e) =>
      wanted === "all" ||
      (wanted === "now" ? e.state !== "repaired" : e.state === wanted || e.kind === wanted),
  );
};
const eventNode = (e) => {
  const v = e.version === "before" ? m.before : m.after,
    i = e.members[0];
  const given = m.person(v, i),
    giver = given >= 0 ? m.people[given] : m.label(v, i);
  const timeText = clock(e.start),
    words = e.members
      .slice(0, 40)
      .map((k) => m.text[k])
      .join(" ");
  // Named outright: what a browser skips because it is out of sight has no text for it.
  const name = `${DATA.kinds[e.kind][0]}, ${stateName(e.state)}, ${timeText}: ${words}`;
  const node = h(
    "button",
    { type: "button", class: "event", "aria-label": name },
    h("span", { class: "t" }, timeText),
    h(
      "span",
      {},
      h("span", { class: "k" }, DATA.kinds[e.kind][0]),
      h("span", { class: `state ${e.state === "repaired" ? "good" : "bad"}` }, stateName(e.state)),
    ),
    h("span", { class: "q", dir: "auto" }, words),
    h("span", { class: "p" }, `${personName(m, m.ref[i])}, not ${giver}`),
  );
  node.addEventListener("click", () => openEvent(e));
  e.node = node;
  return node;
};
const openEvent = (e, focus = false) => {
  for (const other of m.events) other.node?.classList.remove("at");
  e.node?.classList.add("at");
  if (e.node?.isConnected) {
    const box = $("events"),
      a = e.node.getBoundingClientRect(),
      b = box.getBoundingClientRect();
    if (a.top < b.top || a.bottom > b.bottom) box.scrollTop += a.top - b.top - box.clientHeight / 3;
  }
  goTo(e.first, focus, 12000);
};
const drawEvents = () => {
  const list = shownEvents();
  const words = list.reduce((sum, e) => sum + e.members.length, 0);
  $("events-h").textContent = list.length
    ? `${plural(words, "word")} in ${plural(list.length, "stretch", "stretches")}`
    : "Nothing to show";
  $("events").replaceChildren(...list.map(eventNode));
};
const step = (direction) => {
  const list = shownEvents();
  const e =
    direction > 0
      ? (list.find((x) => x.first > at) ?? list[0])
      : (list.findLast((x) => x.first < at) ?? list.at(-1));
  if (e) openEvent(e);
};

const kindPanel = () => {
  const panel = $("kinds");
  panel.replaceChildren();
  for (const [kind, [name, picture, meaning]] of Object.entries(DATA.kinds)) {
    const words = (v) =>
      v.errors.filter((e) => e.kind === kind).reduce((sum, e) => sum + e.members.length, 0);
    const text = m.before
      ? `${count(words(m.before))} → ${plural(words(m.after), "word")}`
      : plural(words(m.after), "word");
    panel.append(
      h(
        "div",
        {},
        h("h3", {}, name, h("span", { class: "n" }, text)),
        h("div", { class: "pic", "aria-hidden": "true" }, picture.join("\n")),
        h("p", {}, meaning),
      ),
    );
  }
};
const legend = () => {
  const box = $("legend");
  box.replaceChildren();
  m.people.forEach((name, p) => {
    const dot = painted(h("span", { class: "dot" }), p);
    box.append(h("span", {}, dot, p < m.nRef ? name : `${name} (matched with nobody)`));
  });
  const key = (token, text) => {
    const k = h("span", { class: "key" });
    k.style.background = `var(${token})`;
    box.append(h("span", {}, k, text));
  };
  if (m.scored) key("--wrong", "below a lane: wrong speaker, with its kind");
  if (m.before) key("--good", "above After: repaired (▴ moved, not repaired)");
};

const show = (row) => {
  const i = ROWS.indexOf(row);
  $("pick").value = i;
  table?.pick(row, false);
  const held = row.block !== null;
  $("one-sub").textContent = held
    ? ROWS.length > 1
      ? row.id
      : ""
    : `${row.id}: its words are not in this page, which holds the recordings with the most wrong words only. Score it by itself to see them.`;
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

const sound = (url) => {
  audio.src = url;
  audio.hidden = false;
};
audio.addEventListener("error", () => {
  if (audio.src) say("The audio cannot be played.");
});
const follow = () => {
  if (!m || audio.paused) return;
  const t = 1000 * audio.currentTime,
    i = timeline.wordAt(t);
  timeline.play(t);
  if (i >= 0 && i !== at && m.start[i] <= t) {
    at = i;
    transcript.select(i);
  }
  requestAnimationFrame(follow);
};
audio.addEventListener("play", follow);
audio.addEventListener("seeked", () => {
  if (m) timeline.play(1000 * audio.currentTime);
});
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (!file) return;
  if (audio.src.startsWith("blob:")) URL.revokeObjectURL(audio.src);
  sound(URL.createObjectURL(file));
});

const filters = () => {
  const options = HAS_BEFORE
    ? [
        ["all", "all"],
        ["now", "wrong now"],
        ["repaired", "repaired"],
        ["broken", "broken"],
      ]
    : [["all", "all kinds"]];
  for (const [value, name] of [
    ...options,
    ...Object.entries(DATA.kinds).map(([k, [n]]) => [k, n.toLowerCase()]),
  ])
    $("filter").append(h("option", { value }, name));
  $("filter").addEventListener("change", drawEvents);
};

applyTheme();
lead();
tiles();
notes(DATA.errors);
filters();
recordingTable();
glossary($("gloss"), [...Object.entries(DATA.terms), ...metricTerms()]);
settingsTable($("settings"), DATA.settings);
$("zoom-in").addEventListener("click", () => timeline.zoom(0.6));
$("zoom-out").addEventListener("click", () => timeline.zoom(1 / 0.6));
$("zoom-fit").addEventListener("click", () => timeline.fit());
$("next").addEventListener("click", () => step(1));
$("prev").addEventListener("click", () => step(-1));
$("only").addEventListener("change", () => transcript.only($("only").checked));
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName))
    return;
  if (e.key === "n" && m) step(1);
  if (e.key === "p" && m) step(-1);
});
if (DATA.audio !== null) sound(DATA.audio);
if (ROWS.length)
  show(
    [...ROWS].sort(
      (a, b) =>
        (b.block !== null) - (a.block !== null) ||
        (b.after.n_word_errors ?? 0) - (a.after.n_word_errors ?? 0),
    )[0],
  );
document.documentElement.dataset.ready = "true";
