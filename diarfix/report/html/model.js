// One recording as the browser works with it: columns unpacked, errors found again, events listed.
const unpack = (runs, n) => {
  const codes = new Int32Array(n).fill(-1);
  for (let i = 0, at = 0; runs && i < runs.length; i += 2) {
    codes.fill(runs[i], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
  return codes;
};

// Turns that may overlap, cut where anyone begins or ends: [start, end, [people]].
const cutTurns = (turns) => {
  if (!turns) return [];
  const edges = [];
  turns.start.forEach((s, i) => edges.push([s, 1, turns.who[i]], [turns.end[i], -1, turns.who[i]]));
  edges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const active = new Map(),
    found = [];
  let at = null;
  for (const [t, step, who] of edges) {
    if (active.size && t > at) {
      const people = [...active.keys()].sort((a, b) => a - b),
        last = found.at(-1);
      if (last && last[1] === at && String(last[2]) === String(people)) last[1] = t;
      else found.push([at, t, people]);
    }
    const n = (active.get(who) ?? 0) + step;
    if (n > 0) active.set(who, n);
    else active.delete(who);
    at = t;
  }
  return found;
};

// Turns that words were joined to, each by itself even where two overlap by a word.
const wholeTurns = (turns) => (turns?.start ?? []).map((s, i) => [s, turns.end[i], [turns.who[i]]]);

// The latest end so far, beside each stretch of a lane.
const withReach = (lane) => {
  let reach = -Infinity;
  return lane.map(([s, e, people]) => [s, e, people, (reach = Math.max(reach, e))]);
};

const buildModel = (raw) => {
  const n = raw.words ? raw.words.text.length : 0;
  const m = {
    people: raw.people,
    nRef: raw.n_ref,
    n,
    text: raw.words?.text ?? [],
    start: raw.words?.start ?? [],
    end: raw.words?.end ?? [],
  };
  m.ref = unpack(raw.ref.who, n);
  m.leftOut = unpack(raw.ref.left_out, n);
  m.scored = raw.ref.who !== null;
  m.order = [...Array(n).keys()]
    .filter((i) => m.start[i] !== null)
    .sort((a, b) => m.start[a] - m.start[b] || a - b);
  m.orderStart = m.order.map((i) => m.start[i]);
  m.refLane = withReach(cutTurns(raw.ref.turns));
  const version = (key) => {
    const v = raw.versions[key];
    if (!v) return null;
    const found = {
      key,
      labels: v.labels,
      person: v.person,
      who: unpack(v.who, n),
      wrong: new Uint8Array(n),
      kind: new Int32Array(n).fill(-1),
      errors: [],
    };
    (v.errors?.first ?? []).forEach((first, e) => {
      const stop = v.errors.stop[e],
        members = [];
      // Words inside that the reference gives to nobody are not wrong, only passed over.
      for (let i = first; i < stop; i++)
        if (m.ref[i] >= 0) {
          members.push(i);
          found.wrong[i] = 1;
          found.kind[i] = e;
        }
      const timed = members.filter((i) => m.start[i] !== null);
      found.errors.push({
        first,
        stop,
        members,
        kind: v.errors.kind[e],
        version: key,
        start: timed.length ? Math.min(...timed.map((i) => m.start[i])) : null,
        end: timed.length ? Math.max(...timed.map((i) => m.end[i])) : null,
      });
    });
    const turns = v.turns && { ...v.turns, who: v.turns.who.map((c) => v.person[c]) };
    found.lane = withReach(v.who === null ? cutTurns(turns) : wholeTurns(turns));
    return found;
  };
  m.before = version("before");
  m.after = version("after");
  const lanes = [m.refLane, m.before?.lane ?? [], m.after.lane];
  m.total = Math.max(
    1000,
    ...lanes.map((lane) => lane.reduce((most, t) => Math.max(most, t[1]), 0)),
    m.end.reduce((most, t) => (t === null ? most : Math.max(most, t)), 0),
  );
  const name = (v, i) => (v.who[i] < 0 ? "(no label)" : v.labels[v.who[i]]);
  m.label = name;
  m.person = (v, i) => (v.who[i] < 0 ? -1 : v.person[v.who[i]]);
  m.moved = (i) => m.before !== null && name(m.before, i) !== name(m.after, i);
  m.state = (i) => {
    if (!m.before) return m.after.wrong[i] ? "wrong" : "";
    if (m.before.wrong[i]) return m.after.wrong[i] ? "wrong" : "repaired";
    return m.after.wrong[i] ? "broken" : "";
  };
  m.events = events(m);
  return m;
};

// What there is to see: stretches that are wrong now, and stretches that have been repaired. One
// event has one state, so a stretch of which a part was repaired makes two.
const events = (m) => {
  const found = [];
  const add = (error, wanted) => {
    let run = [];
    const close = () => {
      if (run.length) {
        const timed = run.filter((i) => m.start[i] !== null);
        found.push({
          kind: error.kind,
          state: wanted(run[0]),
          first: run[0],
          members: run,
          version: error.version,
          start: timed.length ? m.start[timed[0]] : null,
        });
      }
      run = [];
    };
    for (const i of error.members) {
      const state = wanted(i);
      if (run.length && state !== wanted(run[0])) close();
      if (state) run.push(i);
    }
    close();
  };
  for (const e of m.after.errors) add(e, (i) => m.state(i));
  for (const e of m.before?.errors ?? [])
    add(e, (i) => (m.state(i) === "repaired" ? "repaired" : ""));
  return found.sort((a, b) => a.first - b.first);
};
const personName = (m, code) => (code < 0 ? "nobody" : m.people[code]);
// Eight hues, and for those after them a pattern in each hue: as many people can be told apart.
const HUES = 8,
  PATTERNS = 4;
const personColour = (code) => (code < 0 ? "--none" : `--s${code % HUES}`);
const personPattern = (code) => (code < 0 ? 0 : Math.floor(code / HUES) % PATTERNS);
const painted = (node, code) => {
  node.style.setProperty("--c", `var(${personColour(code)})`);
  node.classList.add("painted", `p${personPattern(code)}`);
  return node;
};
// A label, and whom it stands for where that is not the same.
const labelText = (m, v, i) => {
  const label = m.label(v, i),
    p = m.person(v, i);
  return p >= 0 && p < m.nRef && m.people[p] !== label
    ? `${label} = ${m.people[p]}`
    : p >= m.nRef
      ? `${label}, matched with nobody`
      : label;
};
const whyLeftOut = (m, i) => DATA.left_out[m.leftOut[i]][0];
// What is known of a word, for the tooltip.
const describe = (m, i) => {
  const lines = [`${m.text[i]}   ${clock(m.start[i])}`];
  if (m.scored)
    lines.push(
      m.ref[i] < 0
        ? `not scored: ${whyLeftOut(m, i)}`
        : `spoken by ${m.people[m.ref[i]]}`,
    );
  if (m.before) lines.push(`before: ${labelText(m, m.before, i)}`);
  lines.push(`${m.before ? "after: " : "labelled "}${labelText(m, m.after, i)}`);
  const e =
    m.after.kind[i] >= 0
      ? m.after.errors[m.after.kind[i]]
      : m.before && m.before.kind[i] >= 0
        ? m.before.errors[m.before.kind[i]]
        : null;
  if (e)
    lines.push(
      `${DATA.kinds[e.kind][0].toLowerCase()}, ${{ wrong: "wrong", broken: "broken by the repair", repaired: "repaired" }[m.state(i)]}`,
    );
  return lines.join("\n");
};
