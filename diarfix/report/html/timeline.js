// The timeline: what part of the recording is in view, and how hands move it.
const makeTimeline = (canvas, overview, onPick) => {
  const v = { m: null, from: 0, to: 1, current: -1, head: null, lanes: [], longest: 0 };
  const painter = makePainter(canvas, overview, v);
  const { width, T } = painter;
  let drawing = 0;

  const draw = () => {
    if (!drawing && v.m)
      drawing = requestAnimationFrame(() => {
        drawing = 0;
        painter.paint();
      });
  };

  const setView = (a, b) => {
    const span = Math.min(v.m.total, Math.max(400, b - a));
    v.from = Math.max(0, Math.min(a, v.m.total - span));
    v.to = v.from + span;
    draw();
  };
  const zoom = (factor, at = (v.from + v.to) / 2) =>
    setView(at - (at - v.from) * factor, at + (v.to - at) * factor);
  const pan = (share) => setView(v.from + share * (v.to - v.from), v.to + share * (v.to - v.from));
  const reveal = (t, room = 0) => {
    if (t === null) return;
    const span = room ? Math.min(v.to - v.from, room) : v.to - v.from;
    if (span < v.to - v.from || t < v.from + 0.08 * span || t > v.to - 0.08 * span)
      setView(t - span * 0.4, t + span * 0.6);
    else draw();
  };

  const wordAt = (t) => {
    let best = -1,
      far = Infinity;
    for (
      let k = Math.max(0, lowerBound(v.m.orderStart, t - v.longest) - 1);
      k < v.m.order.length && v.m.orderStart[k] <= t + 2000;
      k++
    ) {
      const i = v.m.order[k],
        d = Math.max(0, v.m.start[i] - t, t - v.m.end[i]);
      if (d < far) {
        far = d;
        best = i;
      }
    }
    return far < Math.max(300, (v.to - v.from) / 200) ? best : -1;
  };

  let drag = null;
  canvas.addEventListener("pointerdown", (e) => {
    drag = { x: e.offsetX, start: v.from, end: v.to, far: 0 };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!v.m) return;
    if (drag) {
      drag.far = Math.max(drag.far, Math.abs(e.offsetX - drag.x));
      if (drag.far > 3) {
        canvas.classList.add("dragging");
        hideTip();
        const d = ((e.offsetX - drag.x) / width()) * (drag.end - drag.start);
        setView(drag.start - d, drag.end - d);
      }
      return;
    }
    const i = e.offsetX > GUTTER ? wordAt(T(e.offsetX)) : -1;
    if (i >= 0) showTip(describe(v.m, i), e.clientX, e.clientY);
    else hideTip();
  });
  canvas.addEventListener("pointerup", (e) => {
    canvas.classList.remove("dragging");
    if (drag && drag.far <= 3 && e.offsetX > GUTTER) {
      const i = wordAt(T(e.offsetX));
      onPick(i, T(e.offsetX));
    }
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => {
    drag = null;
    canvas.classList.remove("dragging");
  });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener(
    "wheel",
    (e) => {
      // A wheel over the page scrolls the page, unless the person has turned to the timeline.
      const sideways = Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey;
      if (!sideways && !e.ctrlKey && !e.metaKey && document.activeElement !== canvas) return;
      e.preventDefault();
      hideTip();
      const amount = (e.deltaMode === 1 ? 16 : 1) * (sideways ? e.deltaX || e.deltaY : e.deltaY);
      if (sideways) pan(amount / width());
      else
        zoom(
          Math.exp(Math.max(-0.7, Math.min(0.7, amount * 0.0022))),
          T(Math.max(GUTTER, e.offsetX)),
        );
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (e) => {
    const act = {
      ArrowLeft: () => pan(-0.2),
      ArrowRight: () => pan(0.2),
      PageUp: () => pan(-0.9),
      PageDown: () => pan(0.9),
      "+": () => zoom(0.6),
      "=": () => zoom(0.6),
      "-": () => zoom(1 / 0.6),
      0: () => setView(0, v.m.total),
      Home: () => setView(0, v.to - v.from),
      End: () => setView(v.m.total - (v.to - v.from), v.m.total),
    }[e.key];
    if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    act();
  });
  const jump = (e) => {
    const t = ((e.offsetX - GUTTER) / (overview.clientWidth - GUTTER)) * v.m.total,
      half = (v.to - v.from) / 2;
    setView(t - half, t + half);
  };
  overview.addEventListener("pointerdown", (e) => {
    overview.setPointerCapture(e.pointerId);
    jump(e);
  });
  overview.addEventListener("pointermove", (e) => {
    if (e.buttons) jump(e);
  });
  new ResizeObserver(draw).observe(canvas);
  const recolour = () => {
    painter.recolour();
    draw();
  };
  themed.push(recolour);

  return {
    show(model) {
      Object.assign(v, { m: model, current: -1, head: null, from: 0, to: model.total });
      v.m.movedWords = v.m.before ? v.m.order.filter((i) => v.m.moved(i)) : [];
      v.longest = v.m.order.reduce((most, i) => Math.max(most, v.m.end[i] - v.m.start[i]), 0);
      v.lanes = [{ name: "Reference", lane: v.m.refLane, version: null }];
      if (v.m.before) v.lanes.push({ name: "Before", lane: v.m.before.lane, version: v.m.before });
      v.lanes.push({
        name: v.m.before ? "After" : "Labelled",
        lane: v.m.after.lane,
        version: v.m.after,
      });
      recolour();
    },
    select(i, room) {
      v.current = i;
      reveal(v.m.start[i], room);
      draw();
    },
    play(t) {
      v.head = t;
      if (t !== null && (t < v.from || t > v.to))
        setView(t - 0.1 * (v.to - v.from), t + 0.9 * (v.to - v.from));
      else draw();
    },
    zoom,
    fit: () => setView(0, v.m.total),
    wordAt: (t) => wordAt(t),
  };
};
