// Helpers of both pages. Data reaches the document through text nodes only.
const $ = (id) => document.getElementById(id);
const DATA = JSON.parse($("data").textContent);

const put = (parent, ...children) => {
  for (const c of children.flat()) {
    if (c !== null && c !== undefined && c !== false) parent.append(c);
  }
  return parent;
};
const h = (tag, attrs = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs))
    if (v !== null && v !== undefined && v !== false) node.setAttribute(k, v);
  return put(node, ...children);
};

const whole = new Intl.NumberFormat("en");
const count = (n) => (typeof n === "number" ? whole.format(n) : "–");
// Three significant digits: 0.62 %, 11.5 %.
const digits = (p) => (Math.abs(p) >= 10 ? 1 : 2);
const percent = (x) => (typeof x === "number" ? `${(100 * x).toFixed(digits(100 * x))} %` : "–");
const minus = (text) => text.replace("-", "−");
const signed = (p, d = 1) => {
  const text = p.toFixed(d);
  return Number(text) === 0 ? (0).toFixed(d) : minus(p > 0 ? `+${text}` : text);
};
const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
const clock = (ms) => {
  if (ms === null || ms === undefined) return "–";
  const tenths = Math.round(ms / 100),
    s = Math.floor(tenths / 10),
    m = Math.floor(s / 60);
  const tail = `${String(s % 60).padStart(2, "0")}.${tenths % 10}`;
  return m >= 60
    ? `${Math.floor(m / 60)}:${String(m % 60).padStart(2, "0")}:${tail}`
    : `${m}:${tail}`;
};

// Light and dark: the system's choice until a person makes one.
const themed = [];
const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const stored = () => {
  try {
    return localStorage.getItem("diarfix-theme");
  } catch {
    return null;
  }
};
let theme = ["light", "dark"].includes(stored()) ? stored() : "auto";
const applyTheme = () => {
  const dark = theme === "dark" || (theme === "auto" && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").textContent = `Theme: ${theme}`;
  for (const redraw of themed) redraw();
};
$("theme").addEventListener("click", () => {
  theme = { auto: "dark", dark: "light", light: "auto" }[theme];
  try {
    localStorage.setItem("diarfix-theme", theme);
  } catch {
    /* private windows may refuse */
  }
  applyTheme();
});
darkSystem.addEventListener("change", applyTheme);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// One tooltip for everything that has more to say.
const tip = h("div", { class: "tip", role: "tooltip", id: "tip", hidden: "" });
document.body.append(tip);
const showTip = (text, x, y) => {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - box.width - 8))}px`;
  tip.style.top = `${y + 18 + box.height > innerHeight ? Math.max(8, y - box.height - 12) : y + 18}px`;
};
const hideTip = () => {
  tip.hidden = true;
};
const explain = (node, text) => {
  const at = (e) => showTip(typeof text === "function" ? text() : text, e.clientX, e.clientY);
  node.addEventListener("pointermove", at);
  node.addEventListener("pointerleave", hideTip);
  node.addEventListener("focus", () => {
    if (!node.matches(":focus-visible")) return;
    const box = node.getBoundingClientRect();
    showTip(typeof text === "function" ? text() : text, box.left, box.bottom - 12);
  });
  node.addEventListener("blur", hideTip);
  return node;
};
addEventListener("keydown", (e) => {
  if (e.key === "Escape") hideTip();
});
addEventListener("scroll", hideTip, { passive: true, capture: true });

const tile = (name, value, was, detail, meaning) =>
  h(
    "div",
    { class: "card tile", role: "group", "aria-label": name },
    h("h3", {}, name),
    h(
      "div",
      { class: "value" },
      was === null ? null : h("span", { class: "was" }, `${was} → `),
      value,
    ),
    h("p", {}, detail ? h("span", { class: "count" }, `${detail}. `) : null, meaning),
  );

const glossary = (node, entries) => {
  for (const [name, text] of entries) put(node, h("dt", {}, name), h("dd", {}, text));
};
const metricTerms = () => Object.values(DATA.metrics).map((row) => [row.title, row.sentence]);
const notes = (lines) => {
  for (const line of lines) $("notes").append(h("p", { class: "note" }, line));
};

// A row of choices, one of them on: arrow keys move, as in any group of radio buttons.
const choices = (node, values, start, onPick) => {
  const pick = (i, focus) => {
    [...node.children].forEach((b, k) => {
      b.setAttribute("aria-checked", String(k === i));
      b.tabIndex = k === i ? 0 : -1;
    });
    if (focus) node.children[i].focus();
    onPick(values[i][0]);
  };
  values.forEach(([, label], i) => {
    const button = h("button", { type: "button", role: "radio" }, label);
    button.addEventListener("click", () => pick(i, false));
    button.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (!step) return;
      e.preventDefault();
      pick((i + step + values.length) % values.length, true);
    });
    node.append(button);
  });
  pick(
    Math.max(
      0,
      values.findIndex(([v]) => v === start),
    ),
    false,
  );
};
