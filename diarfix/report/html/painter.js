// Draws the timeline on its canvas and its overview; only what is in view is drawn.
const RULER = 24,
  LANE = 30,
  MARKS = 19,
  GAP = 10,
  GUTTER = 78;

const INKS = ["--card", "--ink", "--soft", "--faint", "--line-2", "--wrong", "--good", "--none"];
const SPEAKER_INKS = [...Array(HUES).keys()].map((i) => `--s${i}`);

const firstAfter = (lane, t) => {
  // By the latest end so far, which ascends even where words overlap.
  let lo = 0,
    hi = lane.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (lane[mid][3] < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
};
const lowerBound = (list, t) => {
  let lo = 0,
    hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (list[mid] < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
};

// v: what is shown, kept by the timeline: {m, from, to, current, head, lanes, longest}; times in ms.
const makePainter = (canvas, overview, v) => {
  const pen = canvas.getContext("2d"),
    small = overview.getContext("2d");
  let stale = true;
  let palette = {},
    patterns = new Map();
  // The pattern of a person after the first eight, as the legend has it; null for these.
  const patternOf = (code) => {
    const kind = personPattern(code),
      ratio = devicePixelRatio || 1,
      key = `${personColour(code)} ${kind} ${ratio}`;
    if (!kind) return null;
    if (!patterns.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 6 * ratio;
      const ink = tile.getContext("2d");
      ink.scale(ratio, ratio);
      ink.fillStyle = ink.strokeStyle = palette[personColour(code)];
      ink.lineWidth = 1.8;
      ink.beginPath();
      if (kind === 1)
        for (const x of [-6, 0, 6]) {
          ink.moveTo(x - 1, 7);
          ink.lineTo(x + 7, -1);
        }
      if (kind === 2) ink.arc(3, 3, 1.5, 0, 7);
      if (kind === 3) ink.rect(0, 2, 6, 2);
      if (kind === 1) ink.stroke();
      else ink.fill();
      const pattern = pen.createPattern(tile, "repeat");
      pattern.setTransform(new DOMMatrix().scale(1 / ratio));
      patterns.set(key, pattern);
    }
    return patterns.get(key);
  };
  const recolour = () => {
    patterns = new Map();
    for (const name of [...INKS, ...SPEAKER_INKS]) palette[name] = colour(name);
    palette.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    palette.bold = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    stale = true;
  };
  const width = () => canvas.clientWidth - GUTTER;
  const X = (t) => GUTTER + ((t - v.from) / (v.to - v.from)) * width();
  const T = (x) => v.from + ((x - GUTTER) / width()) * (v.to - v.from);

  const fit = (node, context, height) => {
    const ratio = devicePixelRatio || 1,
      w = Math.round(node.clientWidth * ratio),
      hh = Math.round(height * ratio);
    if (node.width !== w || node.height !== hh) {
      node.width = w;
      node.height = hh;
      node.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, node.clientWidth, height);
  };

  const ruler = () => {
    const seconds = (v.to - v.from) / 1000,
      target = seconds / Math.max(2, width() / 110);
    const step =
      [
        0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800,
        86400,
      ].find((s) => s >= target) ?? 86400;
    pen.font = palette.font;
    pen.textAlign = "left";
    pen.fillStyle = palette["--faint"];
    for (let t = Math.ceil(v.from / 1000 / step) * step; t * 1000 <= v.to; t += step) {
      const x = X(t * 1000),
        text = clock(t * 1000);
      pen.fillStyle = palette["--line-2"];
      pen.fillRect(x, RULER - 6, 1, canvas.clientHeight);
      pen.fillStyle = palette["--faint"];
      pen.fillText(step >= 1 ? text.slice(0, -2) : text, x + 4, 15);
    }
  };
  const tint = (name, alpha) => {
    pen.globalAlpha = alpha;
    pen.fillStyle = palette[name];
  };

  const paintLane = ({ name, lane, version, top }) => {
    pen.fillStyle = palette["--soft"];
    pen.font = palette.bold;
    pen.textAlign = "left";
    pen.fillText(name, 12, top + LANE / 2 + 4);
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER, 0, width(), canvas.clientHeight);
    pen.clip();
    pen.fillStyle = palette["--line-2"];
    pen.fillRect(GUTTER, top + LANE - 1, width(), 1);
    const perSecond = width() / ((v.to - v.from) / 1000),
      words = version && v.m.n && perSecond > 45;
    let drawn = -Infinity;
    for (let i = firstAfter(lane, v.from); i < lane.length && lane[i][0] <= v.to; i++) {
      const [s, e, people] = lane[i],
        x = X(s),
        w = Math.max(1, X(e) - x),
        part = LANE / people.length;
      // Of turns narrower than a pixel the first in each half of a pixel stands for the rest.
      if (x + w < drawn + 0.5) continue;
      drawn = x + w;
      people.forEach((p, k) => {
        const key = personColour(p),
          y = top + k * part;
        const pattern = patternOf(p);
        tint(key, (words ? 0.16 : 0.34) * (pattern ? 0.5 : 1));
        pen.fillRect(x, y, w, part - 0.5);
        if (pattern) {
          pen.globalAlpha = words ? 0.25 : 0.45;
          pen.fillStyle = pattern;
          pen.fillRect(x, y, w, part - 0.5);
        }
        tint(key, 1);
        pen.fillRect(x, y, w, Math.min(3, part / 2));
        pen.globalAlpha = 1;
        if (!words && w > 46 && part > 13) label(personName(m, p), x + 5, y + part / 2 + 5, w - 9);
      });
    }
    if (words) paintWords(version, top);
    if (version) paintMarks(version, top);
    pen.restore();
  };
  const label = (text, x, y, room) => {
    pen.font = palette.font;
    pen.fillStyle = palette["--ink"];
    let shown = text;
    if (pen.measureText(shown).width > room) {
      while (shown.length > 1 && pen.measureText(`${shown}…`).width > room)
        shown = shown.slice(0, Math.min(shown.length - 1, Math.floor(shown.length * 0.85)));
      if (shown.length < 2) return;
      shown += "…";
    }
    pen.fillText(shown, x, y);
  };
  const visible = () => {
    const found = [];
    for (
      let k = lowerBound(v.m.orderStart, v.from - v.longest);
      k < v.m.order.length && v.m.orderStart[k] <= v.to;
      k++
    )
      if (v.m.end[v.m.order[k]] >= v.from) found.push(v.m.order[k]);
    return found;
  };
  const paintWords = (version, top) => {
    for (const i of visible()) {
      const x = X(v.m.start[i]),
        w = X(v.m.end[i]) - x;
      if (version.wrong[i]) {
        tint("--wrong", 0.22);
        pen.fillRect(x, top, w, LANE);
        pen.globalAlpha = 1;
      }
      tint("--card", 1);
      pen.fillRect(x, top + 3, 1, LANE - 4);
      if (w > 9) label(v.m.text[i], x + 3, top + LANE / 2 + 5, w - 4);
    }
    pen.globalAlpha = 1;
  };
  // Under the lane: one bar per wrong stretch, with its kind; on it: what a repair moved.
  const paintMarks = (version, top) => {
    const y = top + LANE + 2;
    let free = -Infinity,
      drawn = -Infinity;
    pen.font = palette.font;
    for (const e of version.errors) {
      if (e.start === null || e.end < v.from || e.start > v.to) continue;
      const x = X(e.start),
        w = Math.max(2.5, X(e.end) - x),
        text = DATA.kinds[e.kind][0].toLowerCase();
      if (x + w < drawn + 0.5) continue;
      drawn = x + w;
      pen.fillStyle = palette["--wrong"];
      pen.fillRect(x, y, w, 4);
      const room = pen.measureText(text).width;
      if (x > free && v.to - v.from < 400000) {
        pen.fillText(text, x, y + 15);
        free = x + room + 8;
      } else if (x > free && v.m.after.errors.length < 40) {
        pen.fillText(text[0], x, y + 15);
        free = x + 12;
      }
    }
    if (version.key !== "after" || !v.m.before) return;
    const perSecond = width() / ((v.to - v.from) / 1000),
      last = {};
    for (const i of v.m.movedWords) {
      if (v.m.end[i] < v.from || v.m.start[i] > v.to) continue;
      const state = v.m.state(i),
        x = X(v.m.start[i]),
        w = Math.max(2.5, X(v.m.end[i]) - x);
      if (x + w < last[state] + 0.5) continue;
      last[state] = x + w;
      pen.fillStyle =
        palette[state === "repaired" ? "--good" : state === "broken" ? "--wrong" : "--none"];
      if (state === "repaired") pen.fillRect(x, top - 5, w, 3.5);
      else {
        pen.beginPath();
        pen.moveTo(x, top - 1.5);
        pen.lineTo(x + 3, top - 6.5);
        pen.lineTo(x + 6, top - 1.5);
        pen.fill();
      }
      if (perSecond > 60 && state === "repaired") {
        pen.globalAlpha = 0.14;
        pen.fillRect(x, top, w, LANE);
        pen.globalAlpha = 1;
      }
    }
  };

  const paint = () => {
    // Out of sight, or in a window too narrow for it: there is nothing to draw on.
    if (width() <= 0) return;
    const height =
      RULER + v.lanes.reduce((sum, l) => sum + LANE + GAP + (l.version ? MARKS : 0), 0) + 4;
    fit(canvas, pen, height);
    let y = RULER + 4;
    ruler();
    for (const lane of v.lanes) {
      lane.top = y;
      paintLane(lane);
      y += LANE + GAP + (lane.version ? MARKS : 0);
    }
    pen.save();
    pen.beginPath();
    pen.rect(GUTTER, 0, width(), height);
    pen.clip();
    if (v.current >= 0 && v.m.start[v.current] !== null) {
      const x = X(v.m.start[v.current]),
        w = Math.max(2, X(v.m.end[v.current]) - x);
      pen.fillStyle = palette["--ink"];
      pen.globalAlpha = 0.1;
      pen.fillRect(x, RULER - 2, w, height);
      pen.globalAlpha = 1;
      pen.strokeStyle = palette["--ink"];
      pen.lineWidth = 1.5;
      for (const lane of v.lanes) pen.strokeRect(x - 1, lane.top - 1, w + 2, LANE + 2);
    }
    if (v.head !== null) {
      pen.fillStyle = palette["--wrong"];
      pen.fillRect(X(v.head) - 0.75, 0, 1.5, height);
    }
    pen.restore();
    paintOverview();
    canvas.dataset.view = `${Math.round(v.from)},${Math.round(v.to)}`;
    canvas.setAttribute(
      "aria-label",
      `Timeline, ${clock(v.from)} to ${clock(v.to)} of ${clock(v.m.total)}`,
    );
  };
  // What does not move in the overview is drawn once for each recording, width and theme.
  const still = document.createElement("canvas");
  const paintStill = (x) => {
    still.width = overview.width;
    still.height = overview.height;
    const back = still.getContext("2d"),
      ratio = devicePixelRatio || 1;
    back.setTransform(ratio, 0, 0, ratio, 0, 0);
    back.font = palette.font;
    back.fillStyle = palette["--faint"];
    back.fillText("Overview", 12, 19);
    back.globalAlpha = 0.55;
    for (const [s, e, people] of v.m.refLane.length ? v.m.refLane : v.m.after.lane) {
      back.fillStyle = patternOf(people[0]) ?? palette[personColour(people[0])];
      back.fillRect(x(s), 8, Math.max(0.6, x(e) - x(s)), 7);
    }
    back.globalAlpha = 1;
    for (const e of v.m.events) {
      if (e.start === null) continue;
      back.fillStyle = palette[e.state === "repaired" ? "--good" : "--wrong"];
      back.fillRect(x(e.start), e.state === "repaired" ? 17 : 21, 1.5, 6);
    }
    stale = false;
  };
  const paintOverview = () => {
    const height = 30,
      w = overview.clientWidth - GUTTER,
      x = (t) => GUTTER + (t / v.m.total) * w;
    fit(overview, small, height);
    if (still.width !== overview.width || stale) paintStill(x);
    small.drawImage(still, 0, 0, overview.clientWidth, height);
    small.strokeStyle = palette["--ink"];
    small.lineWidth = 1;
    small.strokeRect(x(v.from) + 0.5, 3.5, Math.max(3, x(v.to) - x(v.from) - 1), height - 8);
    small.fillStyle = palette["--ink"];
    small.globalAlpha = 0.05;
    small.fillRect(x(v.from), 3, Math.max(3, x(v.to) - x(v.from)), height - 8);
    small.globalAlpha = 1;
  };

  return { recolour, paint, width, X, T };
};
