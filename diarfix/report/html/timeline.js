// The timeline: lanes of reference, before and after on a canvas; only what is in view is drawn.
const RULER = 24, LANE = 30, MARKS = 19, GAP = 10, GUTTER = 78;

const firstAfter = (lane, t) => {
  // By the latest end so far, which ascends even where words overlap.
  let lo = 0, hi = lane.length;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (lane[mid][3] < t) lo = mid + 1; else hi = mid; }
  return lo;
};
const lowerBound = (list, t) => {
  let lo = 0, hi = list.length;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (list[mid] < t) lo = mid + 1; else hi = mid; }
  return lo;
};

const makeTimeline = (canvas, overview, onPick) => {
  let m = null, from = 0, to = 1, current = -1, head = null, drawing = 0, lanes = [], longest = 0, stale = true;
  const pen = canvas.getContext("2d"), small = overview.getContext("2d");
  let palette = {};
  const recolour = () => {
    for (const name of ["--card", "--ink", "--soft", "--faint", "--line", "--line-2", "--wrong", "--good", "--none", "--s0", "--s1", "--s2", "--s3", "--s4", "--s5", "--s6", "--s7"]) palette[name] = colour(name);
    palette.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    palette.bold = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    stale = true;
    draw();
  };
  const width = () => canvas.clientWidth - GUTTER;
  const X = (t) => GUTTER + ((t - from) / (to - from)) * width();
  const T = (x) => from + ((x - GUTTER) / width()) * (to - from);

  const setView = (a, b) => {
    const span = Math.min(m.total, Math.max(400, b - a));
    from = Math.max(0, Math.min(a, m.total - span));
    to = from + span;
    draw();
  };
  const zoom = (factor, at = (from + to) / 2) => setView(at - (at - from) * factor, at + (to - at) * factor);
  const pan = (share) => setView(from + share * (to - from), to + share * (to - from));
  const reveal = (t, room = 0) => {
    if (t === null) return;
    const span = room ? Math.min(to - from, room) : to - from;
    if (span < to - from || t < from + 0.08 * span || t > to - 0.08 * span) setView(t - span * 0.4, t + span * 0.6);
    else draw();
  };

  const fit = (node, context, height) => {
    const ratio = devicePixelRatio || 1, w = Math.round(node.clientWidth * ratio), hh = Math.round(height * ratio);
    if (node.width !== w || node.height !== hh) { node.width = w; node.height = hh; node.style.height = `${height}px`; }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, node.clientWidth, height);
  };
  const draw = () => {
    if (!drawing && m) drawing = requestAnimationFrame(() => { drawing = 0; paint(); });
  };

  const ruler = () => {
    const seconds = (to - from) / 1000, target = seconds / Math.max(2, width() / 110);
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400].find((s) => s >= target) ?? 86400;
    pen.font = palette.font; pen.textAlign = "left"; pen.fillStyle = palette["--faint"];
    for (let t = Math.ceil(from / 1000 / step) * step; t * 1000 <= to; t += step) {
      const x = X(t * 1000), text = clock(t * 1000);
      pen.fillStyle = palette["--line-2"]; pen.fillRect(x, RULER - 6, 1, canvas.clientHeight);
      pen.fillStyle = palette["--faint"]; pen.fillText(step >= 1 ? text.slice(0, -2) : text, x + 4, 15);
    }
  };
  const tint = (name, alpha) => { pen.globalAlpha = alpha; pen.fillStyle = palette[name]; };

  const paintLane = ({ name, lane, version, top }) => {
    pen.fillStyle = palette["--soft"]; pen.font = palette.bold; pen.textAlign = "left";
    pen.fillText(name, 12, top + LANE / 2 + 4);
    pen.save();
    pen.beginPath(); pen.rect(GUTTER, 0, width(), canvas.clientHeight); pen.clip();
    pen.fillStyle = palette["--line-2"]; pen.fillRect(GUTTER, top + LANE - 1, width(), 1);
    const perSecond = width() / ((to - from) / 1000), words = version && m.n && perSecond > 45;
    let drawn = -Infinity;
    for (let i = firstAfter(lane, from); i < lane.length && lane[i][0] <= to; i++) {
      const [s, e, people] = lane[i], x = X(s), w = Math.max(1, X(e) - x), part = LANE / people.length;
      // Of turns narrower than a pixel the first in each half of a pixel stands for the rest.
      if (x + w < drawn + 0.5) continue;
      drawn = x + w;
      people.forEach((p, k) => {
        const key = personColour(p), y = top + k * part;
        tint(key, words ? 0.16 : 0.34); pen.fillRect(x, y, w, part - 0.5);
        tint(key, 1); pen.fillRect(x, y, w, Math.min(3, part / 2));
        pen.globalAlpha = 1;
        if (!words && w > 46 && part > 13) label(personName(m, p), x + 5, y + part / 2 + 5, w - 9);
      });
    }
    if (words) paintWords(version, top);
    if (version) paintMarks(version, top);
    pen.restore();
  };
  const label = (text, x, y, room) => {
    pen.font = palette.font; pen.fillStyle = palette["--ink"];
    let shown = text;
    if (pen.measureText(shown).width > room) {
      while (shown.length > 1 && pen.measureText(`${shown}…`).width > room) shown = shown.slice(0, Math.min(shown.length - 1, Math.floor(shown.length * 0.85)));
      if (shown.length < 2) return;
      shown += "…";
    }
    pen.fillText(shown, x, y);
  };
  const visible = () => {
    const found = [];
    for (let k = lowerBound(m.orderStart, from - longest); k < m.order.length && m.orderStart[k] <= to; k++) if (m.end[m.order[k]] >= from) found.push(m.order[k]);
    return found;
  };
  const paintWords = (version, top) => {
    for (const i of visible()) {
      const x = X(m.start[i]), w = X(m.end[i]) - x;
      if (version.wrong[i]) { tint("--wrong", 0.22); pen.fillRect(x, top, w, LANE); pen.globalAlpha = 1; }
      tint("--card", 1); pen.fillRect(x, top + 3, 1, LANE - 4);
      if (w > 9) label(m.text[i], x + 3, top + LANE / 2 + 5, w - 4);
    }
    pen.globalAlpha = 1;
  };
  // Under the lane: one bar per wrong stretch, with its kind; on it: what a repair moved.
  const paintMarks = (version, top) => {
    const y = top + LANE + 2;
    let free = -Infinity, drawn = -Infinity;
    pen.font = palette.font;
    for (const e of version.errors) {
      if (e.start === null || e.end < from || e.start > to) continue;
      const x = X(e.start), w = Math.max(2.5, X(e.end) - x), text = DATA.kinds[e.kind][0].toLowerCase();
      if (x + w < drawn + 0.5) continue;
      drawn = x + w;
      pen.fillStyle = palette["--wrong"]; pen.fillRect(x, y, w, 4);
      const room = pen.measureText(text).width;
      if (x > free && (to - from) < 400000) { pen.fillText(text, x, y + 15); free = x + room + 8; }
      else if (x > free && m.after.errors.length < 40) { pen.fillText(text[0], x, y + 15); free = x + 12; }
    }
    if (version.key !== "after" || !m.before) return;
    const perSecond = width() / ((to - from) / 1000), last = {};
    for (const i of m.movedWords) {
      if (m.end[i] < from || m.start[i] > to) continue;
      const state = m.state(i), x = X(m.start[i]), w = Math.max(2.5, X(m.end[i]) - x);
      if (x + w < last[state] + 0.5) continue;
      last[state] = x + w;
      pen.fillStyle = palette[state === "repaired" ? "--good" : state === "broken" ? "--wrong" : "--none"];
      if (state === "repaired") pen.fillRect(x, top - 5, w, 3.5);
      else { pen.beginPath(); pen.moveTo(x, top - 1.5); pen.lineTo(x + 3, top - 6.5); pen.lineTo(x + 6, top - 1.5); pen.fill(); }
      if (perSecond > 60 && state === "repaired") { pen.globalAlpha = 0.14; pen.fillRect(x, top, w, LANE); pen.globalAlpha = 1; }
    }
  };

  const paint = () => {
    const height = RULER + lanes.reduce((sum, l) => sum + LANE + GAP + (l.version ? MARKS : 0), 0) + 4;
    fit(canvas, pen, height);
    let y = RULER + 4;
    ruler();
    for (const lane of lanes) { lane.top = y; paintLane(lane); y += LANE + GAP + (lane.version ? MARKS : 0); }
    pen.save(); pen.beginPath(); pen.rect(GUTTER, 0, width(), height); pen.clip();
    if (current >= 0 && m.start[current] !== null) {
      const x = X(m.start[current]), w = Math.max(2, X(m.end[current]) - x);
      pen.fillStyle = palette["--ink"]; pen.globalAlpha = 0.1; pen.fillRect(x, RULER - 2, w, height); pen.globalAlpha = 1;
      pen.strokeStyle = palette["--ink"]; pen.lineWidth = 1.5;
      for (const lane of lanes) pen.strokeRect(x - 1, lane.top - 1, w + 2, LANE + 2);
    }
    if (head !== null) { pen.fillStyle = palette["--wrong"]; pen.fillRect(X(head) - 0.75, 0, 1.5, height); }
    pen.restore();
    paintOverview();
    canvas.dataset.view = `${Math.round(from)},${Math.round(to)}`;
    canvas.setAttribute("aria-label", `Timeline, ${clock(from)} to ${clock(to)} of ${clock(m.total)}`);
  };
  // What does not move in the overview is drawn once for each recording, width and theme.
  const still = document.createElement("canvas");
  const paintStill = (x) => {
    still.width = overview.width; still.height = overview.height;
    const back = still.getContext("2d"), ratio = devicePixelRatio || 1;
    back.setTransform(ratio, 0, 0, ratio, 0, 0);
    back.font = palette.font; back.fillStyle = palette["--faint"]; back.fillText("Overview", 12, 19);
    back.globalAlpha = 0.55;
    for (const [s, e, people] of m.refLane.length ? m.refLane : m.after.lane) {
      back.fillStyle = palette[personColour(people[0])];
      back.fillRect(x(s), 8, Math.max(0.6, x(e) - x(s)), 7);
    }
    back.globalAlpha = 1;
    for (const e of m.events) {
      if (e.start === null) continue;
      back.fillStyle = palette[e.state === "repaired" ? "--good" : "--wrong"];
      back.fillRect(x(e.start), e.state === "repaired" ? 17 : 21, 1.5, 6);
    }
    stale = false;
  };
  const paintOverview = () => {
    const height = 30, w = overview.clientWidth - GUTTER, x = (t) => GUTTER + (t / m.total) * w;
    fit(overview, small, height);
    if (still.width !== overview.width || stale) paintStill(x);
    small.drawImage(still, 0, 0, overview.clientWidth, height);
    small.strokeStyle = palette["--ink"]; small.lineWidth = 1;
    small.strokeRect(x(from) + 0.5, 3.5, Math.max(3, x(to) - x(from) - 1), height - 8);
    small.fillStyle = palette["--ink"]; small.globalAlpha = 0.05;
    small.fillRect(x(from), 3, Math.max(3, x(to) - x(from)), height - 8);
    small.globalAlpha = 1;
  };

  const wordAt = (t) => {
    let best = -1, far = Infinity;
    for (let k = Math.max(0, lowerBound(m.orderStart, t - longest) - 1); k < m.order.length && m.orderStart[k] <= t + 2000; k++) {
      const i = m.order[k], d = Math.max(0, m.start[i] - t, t - m.end[i]);
      if (d < far) { far = d; best = i; }
    }
    return far < Math.max(300, (to - from) / 200) ? best : -1;
  };
  const describe = (i) => {
    const lines = [`${m.text[i]}   ${clock(m.start[i])}`];
    if (m.scored) lines.push(m.ref[i] < 0 ? "not scored: nobody, or several, in the reference" : `spoken by ${m.people[m.ref[i]]}`);
    if (m.before) lines.push(`before: ${labelText(m, m.before, i)}`);
    lines.push(`${m.before ? "after: " : "labelled "}${labelText(m, m.after, i)}`);
    const e = m.after.kind[i] >= 0 ? m.after.errors[m.after.kind[i]] : m.before && m.before.kind[i] >= 0 ? m.before.errors[m.before.kind[i]] : null;
    if (e) lines.push(`${DATA.kinds[e.kind][0].toLowerCase()}, ${{ wrong: "wrong", broken: "broken by the repair", repaired: "repaired" }[m.state(i)]}`);
    return lines.join("\n");
  };

  let drag = null;
  canvas.addEventListener("pointerdown", (e) => { drag = { x: e.offsetX, from, to, far: 0 }; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointermove", (e) => {
    if (!m) return;
    if (drag) {
      drag.far = Math.max(drag.far, Math.abs(e.offsetX - drag.x));
      if (drag.far > 3) { canvas.classList.add("dragging"); hideTip(); const d = ((e.offsetX - drag.x) / width()) * (drag.to - drag.from); setView(drag.from - d, drag.to - d); }
      return;
    }
    const i = e.offsetX > GUTTER ? wordAt(T(e.offsetX)) : -1;
    if (i >= 0) showTip(describe(i), e.clientX, e.clientY); else hideTip();
  });
  canvas.addEventListener("pointerup", (e) => {
    canvas.classList.remove("dragging");
    if (drag && drag.far <= 3 && e.offsetX > GUTTER) { const i = wordAt(T(e.offsetX)); onPick(i, T(e.offsetX)); }
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => { drag = null; canvas.classList.remove("dragging"); });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("wheel", (e) => {
    // A wheel over the page scrolls the page, unless the person has turned to the timeline.
    const sideways = Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey;
    if (!sideways && !e.ctrlKey && !e.metaKey && document.activeElement !== canvas) return;
    e.preventDefault(); hideTip();
    const amount = (e.deltaMode === 1 ? 16 : 1) * (sideways ? e.deltaX || e.deltaY : e.deltaY);
    if (sideways) pan(amount / width()); else zoom(Math.exp(Math.max(-0.7, Math.min(0.7, amount * 0.0022))), T(Math.max(GUTTER, e.offsetX)));
  }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const act = { ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), PageUp: () => pan(-0.9), PageDown: () => pan(0.9), "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), "0": () => setView(0, m.total), Home: () => setView(0, to - from), End: () => setView(m.total - (to - from), m.total) }[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault(); act();
  });
  const jump = (e) => { const t = ((e.offsetX - GUTTER) / (overview.clientWidth - GUTTER)) * m.total, half = (to - from) / 2; setView(t - half, t + half); };
  overview.addEventListener("pointerdown", (e) => { overview.setPointerCapture(e.pointerId); jump(e); });
  overview.addEventListener("pointermove", (e) => { if (e.buttons) jump(e); });
  new ResizeObserver(draw).observe(canvas);
  themed.push(recolour);

  return {
    show(model) {
      m = model; current = -1; head = null;
      m.movedWords = m.before ? m.order.filter((i) => m.moved(i)) : [];
      longest = m.order.reduce((most, i) => Math.max(most, m.end[i] - m.start[i]), 0);
      lanes = [{ name: "Reference", lane: m.refLane, version: null }];
      if (m.before) lanes.push({ name: "Before", lane: m.before.lane, version: m.before });
      lanes.push({ name: m.before ? "After" : "Labelled", lane: m.after.lane, version: m.after });
      from = 0; to = m.total;
      recolour();
    },
    select(i, room) { current = i; reveal(m.start[i], room); draw(); },
    play(t) { head = t; if (t !== null && (t < from || t > to)) setView(t - 0.1 * (to - from), t + 0.9 * (to - from)); else draw(); },
    zoom, fit: () => setView(0, m.total), wordAt: (t) => wordAt(t),
  };
};
