// Tables: plain ones, and ones that sort and filter.
// columns: [{name, key(row), show(row), left, tip, cls(row)}]
const plainTable = (box, caption, columns, rows) => {
  const body = h("tbody");
  for (const row of rows) body.append(tableRow(columns, row));
  box.replaceChildren(
    h(
      "table",
      {},
      h("caption", { class: "sr" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((c) => heading(c)),
        ),
      ),
      body,
    ),
  );
};
const heading = (c, inner = c.name) => {
  const th = h("th", { scope: "col", class: c.left ? "l" : null }, inner);
  return c.tip ? explain(th, c.tip) : th;
};
const tableRow = (columns, row) =>
  h(
    "tr",
    { class: row.total ? "total" : null },
    columns.map((c) =>
      h(
        "td",
        { class: [c.left ? "l" : "", c.cls ? c.cls(row) : ""].join(" ").trim() || null },
        c.show(row),
      ),
    ),
  );

const compareKeys = (a, b) => {
  // What has no value goes last whichever way it is sorted.
  const none = (v) => v === null || v === undefined || Number.isNaN(v);
  if (none(a) || none(b)) return none(a) - none(b);
  return typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
};
const isNone = (v) => v === null || v === undefined || Number.isNaN(v);

const sortableTable = (
  box,
  caption,
  columns,
  rows,
  { onPick = null, start = 0, down = false } = {},
) => {
  let at = start,
    descending = down,
    shown = rows,
    picked = null;
  const nodes = new Map();
  const body = h("tbody");
  const status = h("caption", { class: "sr" });
  const heads = columns.map((c, i) => {
    const button = h("button", { type: "button" }, c.name);
    button.addEventListener("click", () => {
      descending = at === i ? !descending : !c.left;
      at = i;
      draw();
    });
    return heading(c, button);
  });
  const rowNode = (row) => {
    if (nodes.has(row)) return nodes.get(row);
    const node = tableRow(columns, row);
    if (onPick) {
      node.tabIndex = 0;
      node.addEventListener("click", () => onPick(row));
      node.addEventListener("keydown", (e) => {
        if (e.key === "Enter" || e.key === " ") {
          e.preventDefault();
          onPick(row);
        }
        const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[e.key];
        if (step && node[step]) {
          e.preventDefault();
          node[step].focus();
        }
      });
    }
    nodes.set(row, node);
    return node;
  };
  const draw = () => {
    heads.forEach((th, i) =>
      th.setAttribute("aria-sort", i === at ? (descending ? "descending" : "ascending") : "none"),
    );
    const { key } = columns[at];
    const sign = descending ? -1 : 1;
    const order = shown
      .map((row, i) => [key(row), i, row])
      .sort((a, b) => {
        const unknown = isNone(a[0]) || isNone(b[0]);
        return (unknown ? compareKeys(a[0], b[0]) : sign * compareKeys(a[0], b[0])) || a[1] - b[1];
      });
    body.replaceChildren(...order.map(([, , row]) => rowNode(row)));
    status.textContent = `${caption}, sorted by ${columns[at].name}, ${descending ? "descending" : "ascending"}`;
  };
  box.replaceChildren(h("table", {}, status, h("thead", {}, h("tr", {}, heads)), body));
  draw();
  return {
    filter(keep) {
      shown = rows.filter(keep);
      draw();
      return shown.length;
    },
    pick(row, scroll = true) {
      if (picked) rowNode(picked).classList.remove("picked");
      picked = row;
      if (!row) return;
      const node = rowNode(row);
      node.classList.add("picked");
      // Only the box scrolls: the page must stay where the person looks.
      if (scroll && node.parentNode)
        box.scrollTop +=
          node.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 2;
    },
  };
};

const settingsTable = (box, settings) => {
  const rows = [];
  const walk = (prefix, value) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [k, v] of Object.entries(value)) walk(prefix ? `${prefix}.${k}` : k, v);
    } else
      rows.push({
        name: prefix,
        value:
          value === null ? "–" : Array.isArray(value) ? value.join(", ") || "–" : String(value),
      });
  };
  walk("", settings);
  plainTable(
    box,
    "Settings",
    [
      { name: "setting", left: true, show: (r) => r.name.replace(/^knobs\./, "") },
      { name: "value", left: true, show: (r) => r.value, cls: () => "wrap-cell" },
    ],
    rows,
  );
};
