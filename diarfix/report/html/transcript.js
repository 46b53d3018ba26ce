// The transcript: turns as the labels have them, moved words struck where they came from.
const BLOCK = 220; // words in one block, so that a browser can skip what is out of sight

const makeTranscript = (box, onPick) => {
  let m = null,
    spans = [],
    current = -1;

  const turns = () => {
    const found = [];
    // A word without label stands in the turn around it, as it would be read.
    let label = m.after.who.find((code) => code >= 0) ?? -1;
    for (let i = 0; i < m.n; i++) {
      if (m.after.who[i] >= 0) label = m.after.who[i];
      const last = found.at(-1);
      if (last && last.label === label && i - last.first < BLOCK) last.stop = i + 1;
      else
        found.push({ first: i, stop: i + 1, label, more: Boolean(last) && last.label === label });
    }
    return found;
  };
  // Cuts a turn where a word's state changes, so that a stretch gets one strike and one note.
  const shape = (i) => `${m.moved(i) ? m.label(m.before, i) : ""}|${m.after.kind[i]}`;
  const word = (i) => {
    const span = document.createElement("span");
    span.textContent = m.text[i];
    span.className = `w${m.after.wrong[i] ? " x" : ""}${m.moved(i) ? " m" : ""}${m.scored && m.ref[i] < 0 ? " out" : ""}${m.after.who[i] < 0 ? " nobody" : ""}`;
    span.dataset.i = i;
    spans[i] = span;
    return span;
  };
  const stretch = (p, a, b) => {
    const moved = m.moved(a),
      wrong = m.after.kind[a] >= 0;
    const words = [];
    // White space as the text has it is gone; scripts without spaces do not get any.
    for (let i = a; i < b; i++) {
      if (i > a && spaced(m.text[i - 1], m.text[i])) words.push(" ");
      words.push(word(i));
    }
    if (moved) {
      const before = m.before,
        shown = m.text.slice(a, b);
      p.append(
        h(
          "del",
          {},
          `${personLabel(before, a)}: ${shown.join(spaced(shown[0], shown.at(-1)) ? " " : "")}`,
        ),
        " ",
        h("ins", {}, words),
      );
    } else put(p, words);
    if (wrong) {
      const error = m.after.errors[m.after.kind[a]];
      if (b >= error.stop || m.after.kind[b] !== m.after.kind[a])
        p.append(
          " ",
          h(
            "span",
            { class: "chip x" },
            `${DATA.kinds[error.kind][0].toLowerCase()}${m.after.who[a] < 0 ? ", no label" : ""}: spoken by ${m.people[m.ref[error.members[0]]]}`,
          ),
        );
    }
  };
  const personLabel = (v, i) => {
    const p = m.person(v, i);
    return p >= 0 ? m.people[p] : m.label(v, i);
  };
  const spaced = (left, right) =>
    !(left && right && unspaced.test(left.at(-1)) && unspaced.test(right[0]));

  const build = ({ first, stop, label, more }) => {
    const p = h("p", { dir: "auto" }),
      strip = h("span", { class: "strip", "aria-hidden": "true" });
    let dull = true;
    for (let a = first; a < stop;) {
      let b = a + 1;
      const own = shape(a);
      while (b < stop && shape(b) === own) b++;
      if (a > first && spaced(m.text[a - 1], m.text[a])) p.append(" ");
      stretch(p, a, b);
      dull &&= own === "|-1";
      a = b;
    }
    const code = label < 0 ? -1 : m.after.person[label];
    const name = label < 0 ? "(no label)" : (m.people[code] ?? m.after.labels[label]);
    let at = null;
    for (let i = first; i < stop && at === null; i++) at = m.start[i];
    const block = h("div", { class: `turn${more ? " more" : ""}${dull ? " plain" : ""}` });
    if (!more) {
      const raw = label >= 0 && m.after.labels[label] !== name ? m.after.labels[label] : null;
      block.append(
        h(
          "div",
          { class: "who" },
          h("b", {}, name),
          raw ? h("span", { class: "t" }, raw) : null,
          label >= 0 && code >= m.nRef ? h("span", { class: "t" }, "matched with nobody") : null,
          h("span", { class: "t" }, clock(at)),
        ),
      );
    }
    p.prepend(painted(strip, code));
    return put(block, p);
  };

  const select = (i, scroll = true) => {
    if (current >= 0 && spans[current]) {
      spans[current].classList.remove("at");
      spans[current].removeAttribute("aria-current");
    }
    current = i;
    const span = spans[i];
    if (!span) return;
    span.classList.add("at");
    span.setAttribute("aria-current", "true");
    if (!scroll) return;
    // Only the box scrolls. Twice, because blocks that come into sight take their true height.
    const centre = () => {
      const a = span.getBoundingClientRect(),
        b = box.getBoundingClientRect();
      if (a.top < b.top + 40 || a.bottom > b.bottom - 60)
        box.scrollTop += a.top - b.top - box.clientHeight * 0.35;
    };
    centre();
    requestAnimationFrame(() => {
      centre();
      requestAnimationFrame(centre);
    });
  };

  // What is out of the ordinary has its reason beside the pointer.
  box.addEventListener("pointermove", (e) => {
    const span = e.target.closest(".w.x, .w.m, .w.out, .w.nobody");
    if (span) showTip(describe(m, Number(span.dataset.i)), e.clientX, e.clientY);
    else hideTip();
  });
  box.addEventListener("pointerleave", hideTip);
  box.addEventListener("click", (e) => {
    const span = e.target.closest(".w");
    if (span) {
      box.focus({ preventScroll: true });
      onPick(Number(span.dataset.i), true);
    }
  });
  box.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (step && m.n) {
      e.preventDefault();
      onPick(Math.max(0, Math.min(m.n - 1, current + step)), false);
    }
    if (e.key === "Enter" && current >= 0) {
      e.preventDefault();
      onPick(current, true);
    }
  });
  return {
    show(model) {
      m = model;
      spans = new Array(m.n);
      current = -1;
      box.replaceChildren(
        ...(m.n
          ? turns().map(build)
          : [h("p", { class: "small" }, "There are turns only, no words to read.")]),
      );
      box.scrollTop = 0;
    },
    select,
    only(on) {
      box.classList.toggle("only", on);
      if (current >= 0) select(current);
    },
  };
};
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}、。！？，：；「」]/u;
