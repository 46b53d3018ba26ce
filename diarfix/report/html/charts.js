// Charts of the benchmark page, drawn as SVG with real text.
const svg = (tag, attrs = {}, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attrs))
    if (v !== null && v !== undefined) node.setAttribute(k, v);
  return put(node, ...children);
};

const verdict = (delta) =>
  delta && delta.significant ? (delta.mean > 0 ? "better" : "worse") : "unsure";

// Round steps of an axis that holds [low, high].
const steps = (low, high, n) => {
  const raw = (high - low) / n,
    power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((f) => f * power).find((s) => s >= raw);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step)
    found.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return found;
};
const labelWidth = (texts, most) =>
  Math.min(most, 7.2 * Math.max(...texts.map((t) => t.length)) + 14);
const cut = (text, width) => {
  const room = Math.max(4, Math.floor(width / 7));
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
};

// Charts are drawn to the width there is, so that their text keeps its size.
const room = (box) => Math.round(Math.min(1100, Math.max(280, box.clientWidth - 38)));
const TINY = 560; // below it a dataset's name stands over its bars
const redrawn = (box, draw) => {
  let last = 0;
  const redraw = () => {
    last = room(box);
    draw();
  };
  new ResizeObserver(() => {
    if (room(box) !== last) redraw();
  }).observe(box);
  return redraw;
};

// rows: [{group, name, low, high, mean, cls, label, tip, bold}] ; horizontal bars from zero.
const barChart = (box, what, rows, format, pair = false) => {
  const W = room(box),
    narrow = W < 800,
    tiny = W < TINY,
    line = 26,
    head = 8,
    gap = 14,
    most = tiny ? 80 : narrow ? 120 : 190;
  const gw = tiny
      ? 0
      : labelWidth(
          rows.map((r) => r.group),
          most,
        ),
    nw = labelWidth(
      rows.map((r) => r.name),
      most,
    );
  const x0 = gw + nw + 10 + (tiny && pair ? 26 : 0),
    x1 = W - (tiny ? (pair ? 34 : 76) : pair ? (narrow ? 60 : 130) : narrow ? 100 : 250);
  const values = rows
    .flatMap((r) => [0, r.mean, r.mean2 ?? 0, r.low ?? 0, r.high ?? 0])
    .filter(Number.isFinite);
  let low = Math.min(...values),
    high = Math.max(...values);
  if (high - low < 1e-9) {
    low = -1;
    high = 1;
  }
  const pad = 0.04 * (high - low);
  low -= low < 0 ? pad : 0;
  high += pad;
  const X = (v) => x0 + ((v - low) / (high - low)) * (x1 - x0);
  let y = head;
  const groups = [];
  const opens = (i) => !i || rows[i].group !== rows[i - 1].group;
  rows.forEach((r, i) => {
    if (i && opens(i)) y += gap;
    if (tiny && opens(i)) y += line - 4;
    groups.push(y);
    y += line;
  });
  const H = y + 30;
  const root = svg("svg", {
    viewBox: `0 0 ${W} ${H}`,
    width: W,
    height: H,
    role: "img",
    "aria-label": what,
  });
  for (const v of steps(low, high, tiny ? 2 : narrow ? 4 : 7)) {
    root.append(
      svg("line", {
        class: v === 0 ? "zero" : "grid",
        x1: X(v),
        x2: X(v),
        y1: head - 4,
        y2: H - 26,
      }),
      svg("text", { class: "dim", x: X(v), y: H - 10, "text-anchor": "middle" }, format(v)),
    );
  }
  rows.forEach((r, i) => {
    const top = groups[i],
      mid = top + line / 2,
      base = mid + 4;
    const g = svg("g", {});
    g.append(svg("rect", { x: 0, y: top, width: W, height: line, fill: "transparent" }));
    if (opens(i)) {
      const above = tiny ? line - 4 : 0,
        edge = top - above - gap / 2;
      g.append(
        svg("text", { x: 0, y: base - above, "font-weight": 600 }, cut(r.group, tiny ? W : gw)),
      );
      if (i) root.append(svg("line", { class: "grid", x1: 0, x2: W, y1: edge, y2: edge }));
    }
    g.append(svg("text", { x: gw, y: base }, cut(r.name, nw)));
    const bar = (a, b, cls) =>
      g.append(
        svg("rect", {
          class: `bar ${cls}`,
          x: Math.min(X(a), X(b)),
          width: Math.max(1.5, Math.abs(X(b) - X(a))),
          y: mid - 8,
          height: 16,
          rx: 2,
        }),
      );
    if (Number.isFinite(r.mean)) bar(0, r.mean, r.cls);
    if (Number.isFinite(r.mean2)) bar(0, r.mean2, "worse");
    if (Number.isFinite(r.low) && Number.isFinite(r.high)) {
      g.append(
        svg("line", {
          class: r.cls,
          "stroke-width": 1.6,
          x1: X(r.low),
          x2: X(r.high),
          y1: mid,
          y2: mid,
        }),
      );
      for (const v of [r.low, r.high])
        g.append(
          svg("line", {
            class: r.cls,
            "stroke-width": 1.6,
            x1: X(v),
            x2: X(v),
            y1: mid - 4,
            y2: mid + 4,
          }),
        );
      g.append(svg("circle", { class: r.cls, cx: X(r.mean), cy: mid, r: 3.2 }));
    }
    if (pair) {
      g.append(
        svg("text", { class: "better", x: X(Math.max(r.mean, 0)) + 7, y: base }, r.label),
        svg(
          "text",
          { class: "worse", x: X(Math.min(r.mean2, 0)) - 7, y: base, "text-anchor": "end" },
          r.label2,
        ),
      );
    } else g.append(svg("text", { class: r.cls, x: x1 + (tiny ? 8 : 14), y: base }, narrow ? r.brief : r.label));
    root.append(explain(g, r.tip));
  });
  box.replaceChildren(root);
};

const SHAPES = ["circle", "square", "diamond", "triangle", "plus"];
const marker = (shape, x, y, r) => {
  if (shape === "square") return svg("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r });
  if (shape === "diamond")
    return svg("path", {
      d: `M${x} ${y - 1.35 * r}L${x + 1.35 * r} ${y}L${x} ${y + 1.35 * r}L${x - 1.35 * r} ${y}Z`,
    });
  if (shape === "triangle")
    return svg("path", {
      d: `M${x} ${y - 1.3 * r}L${x + 1.25 * r} ${y + r}L${x - 1.25 * r} ${y + r}Z`,
    });
  if (shape === "plus") {
    const a = 0.42 * r,
      b = 1.2 * r;
    return svg("path", {
      d: `M${x - a} ${y - b}h${2 * a}v${b - a}h${b - a}v${2 * a}h${a - b}v${b - a}h${-2 * a}v${a - b}h${a - b}v${-2 * a}h${b - a}Z`,
    });
  }
  return svg("circle", { cx: x, cy: y, r });
};

// points: [{x, y, shape, colour, label, tip, flag, row}] ; rates, on square-root axes so that both
// the good and the bad recordings have room.
const scatter = (box, what, points, xName, yName, onPick) => {
  const W = room(box),
    H = Math.min(520, (W < TINY ? 0.95 : 0.62) * W),
    left = W < TINY ? 62 : 74,
    right = 24,
    top = 12,
    bottom = 52;
  const name = (text) => (W < TINY ? text.replace("word speaker error rate", "WSER") : text);
  const most = Math.max(0.001, ...points.flatMap((p) => [p.x, p.y])) * 1.06;
  const X = (v) => left + Math.sqrt(v / most) * (W - left - right);
  const Y = (v) => H - bottom - Math.sqrt(v / most) * (H - top - bottom);
  const root = svg("svg", {
    viewBox: `0 0 ${W} ${H}`,
    width: W,
    height: H,
    role: "group",
    "aria-label": what,
  });
  const ticks = [0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].filter(
    (v) => v <= most,
  );
  const kept = [];
  for (const v of ticks) if (!kept.length || X(v) - X(kept.at(-1)) > 42) kept.push(v);
  for (const v of kept) {
    const tick = `${minus(String(+(100 * v).toFixed(2)))} %`;
    root.append(
      svg("line", { class: "grid", x1: X(v), x2: X(v), y1: top, y2: H - bottom }),
      svg("line", { class: "grid", x1: left, x2: W - right, y1: Y(v), y2: Y(v) }),
      svg("text", { class: "dim", x: X(v), y: H - bottom + 18, "text-anchor": "middle" }, tick),
    );
    if (!kept.length || Y(v) > top + 6)
      root.append(
        svg("text", { class: "dim", x: left - 8, y: Y(v) + 4, "text-anchor": "end" }, tick),
      );
  }
  root.append(
    svg("line", {
      class: "zero",
      "stroke-dasharray": "4 4",
      x1: X(0),
      y1: Y(0),
      x2: X(most),
      y2: Y(most),
    }),
    svg(
      "text",
      { class: "dim", x: (left + W - right) / 2, y: H - 8, "text-anchor": "middle" },
      name(xName),
    ),
    svg(
      "text",
      {
        class: "dim",
        transform: `translate(15 ${(top + H - bottom) / 2}) rotate(-90)`,
        "text-anchor": "middle",
      },
      name(yName),
    ),
    svg(
      "text",
      { class: "dim", x: W - right - 10, y: H - bottom - 12, "text-anchor": "end" },
      "better than off ↘",
    ),
    svg("text", { class: "dim", x: left + 10, y: top + 16 }, "↖ worse than off"),
  );
  const nodes = [...points]
    .sort((a, b) => a.x - b.x)
    .map((p) => {
      const node = marker(p.shape, X(p.x), Y(p.y), points.length > 300 ? 3.6 : 5.6);
      node.setAttribute("class", "point");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", p.label);
      node.setAttribute("tabindex", "-1");
      node.style.fill = `var(${p.colour})`;
      if (p.flag)
        root.append(
          svg("circle", {
            class: "halo",
            cx: X(p.x),
            cy: Y(p.y),
            r: points.length > 300 ? 6.5 : 10,
          }),
        );
      node.addEventListener("click", () => onPick(p.row));
      return explain(node, p.tip);
    });
  root.append(...nodes);
  if (nodes.length) nodes[0].setAttribute("tabindex", "0");
  nodes.forEach((node, i) =>
    node.addEventListener("keydown", (e) => {
      if (e.key === "Enter" || e.key === " ") {
        e.preventDefault();
        node.dispatchEvent(new MouseEvent("click"));
      }
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      const other = step && nodes[i + step];
      if (!other) return;
      e.preventDefault();
      node.setAttribute("tabindex", "-1");
      other.setAttribute("tabindex", "0");
      other.focus();
    }),
  );
  box.replaceChildren(root);
  const byRow = new Map([...points].sort((a, b) => a.x - b.x).map((p, i) => [p.row, nodes[i]]));
  return (row) => nodes.forEach((n) => n.classList.toggle("picked", n === byRow.get(row)));
};
