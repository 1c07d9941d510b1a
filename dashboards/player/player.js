// One call: waveform, transcript and scorecard that all point at the same clock.
// `data` comes from dashboards/callview.py. Text from calls is only ever set as textContent.

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const SILENCE_TO_SKIP_MS = 2500;
const CLIP_MARGIN_MS = 400;

const make = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.textContent = text;
  return node;
};

const clock = (ms) => {
  const total = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
};

const GLYPH = { met: "✓", partial: "◐", missed: "✗", not_applicable: "–", not_evaluable: "?" };

class CallPlayer {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.find = (selector) => root.querySelector(selector);
    this.audio = this.find("audio");
    this.canvas = this.find("canvas");
    this.clip = null;
    this.chosen = -1;
    this.stopped = false;
    this.listen();
  }

  load(data) {
    const fresh = !this.data || this.data.callId !== data.callId;
    this.data = data;
    this.text = data.labels;
    if (fresh || this.audioUrl !== data.audioUrl) this.setAudio(data.audioUrl);
    if (fresh) this.chosen = -1;
    this.drawBar();
    this.drawTurns();
    this.drawCard();
    this.drawWave();
    if (fresh && data.startMs) this.seek(data.startMs);
  }

  setAudio(url) {
    this.audioUrl = url;
    if (url) this.audio.src = url;
    else this.audio.removeAttribute("src");
  }

  listen() {
    const on = (node, kind, action) => node.addEventListener(kind, action);
    this.onKey = (event) => this.key(event);
    // anywhere on the page, before Streamlit's own shortcuts (C clears caches)
    window.addEventListener("keydown", this.onKey, true);
    on(this.canvas, "click", (event) => this.play(this.msAt(event), null));
    on(this.canvas, "mousemove", (event) => this.showTip(event));
    on(this.canvas, "mouseleave", () => { this.find(".cq-tip").hidden = true; });
    for (const button of this.root.querySelectorAll("[data-do]")) {
      on(button, "click", () => this.act(button.dataset.do));
    }
    on(this.audio, "play", () => { this.drawBar(); this.tick(); });
    on(this.audio, "pause", () => this.drawBar());
    on(this.audio, "seeked", () => this.follow());
    this.resizer = new ResizeObserver(() => this.data && this.drawWave());
    this.resizer.observe(this.canvas);
  }

  act(name) {
    if (name === "toggle") this.audio.paused ? this.start() : this.audio.pause();
    if (name === "back") this.seek(this.now() - 5000);
    if (name === "forward") this.seek(this.now() + 5000);
  }

  key(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || !target.matches) return;
    if (target.matches("input, textarea, select, [contenteditable='true']")) return;
    const ours = event.composedPath().includes(this.root);
    // other parts of the page keep their keys while they have the focus
    if (!ours && target.closest("[role='dialog'], [role='listbox'], [data-testid='stDataFrame'], canvas")) return;
    if (!ours && target.matches("button, a, summary, [role='button']") && [" ", "Enter"].includes(event.key)) return;
    const action = this.keys()[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }

  keys() {
    return {
      " ": () => this.act("toggle"),
      ArrowLeft: () => this.act("back"),
      ArrowRight: () => this.act("forward"),
      j: () => this.choose(this.chosen + 1),
      k: () => this.choose(this.chosen < 0 ? -1 : this.chosen - 1),
      e: () => this.playEvidence(),
    };
  }

  now() { return this.audio.currentTime * 1000; }

  seek(ms) { this.audio.currentTime = Math.max(0, ms) / 1000; this.follow(); }

  play(ms, clip) {
    this.clip = clip;
    this.seek(ms);
    if (this.audioUrl) this.start();
  }

  // a pause before the sound has begun rejects what play() promised: that is no error
  start() { this.audio.play().catch((error) => { if (error.name !== "AbortError") throw error; }); }

  playClip(evidence, chip) {
    for (const other of this.root.querySelectorAll(".cq-chip.playing")) other.classList.remove("playing");
    if (chip) chip.classList.add("playing");
    const clip = { from: Math.max(0, evidence.startMs - CLIP_MARGIN_MS), to: evidence.endMs + CLIP_MARGIN_MS };
    this.play(clip.from, clip);
  }

  tick() {
    if (this.stopped || this.audio.paused) return;
    this.keepInside();
    this.follow();
    requestAnimationFrame(() => this.tick());
  }

  keepInside() {
    const ms = this.now();
    if (this.clip && ms >= this.clip.to) {
      if (this.find('[data-opt="loop"]').checked) this.seek(this.clip.from);
      else { this.audio.pause(); this.clip = null; }
      return;
    }
    if (this.clip || !this.find('[data-opt="skip"]').checked) return;
    const gap = this.data.marks.find((mark) => mark.quiet && ms >= mark.startMs && ms < mark.endMs - 300);
    if (gap && gap.endMs - gap.startMs >= SILENCE_TO_SKIP_MS) this.seek(gap.endMs - 300);
  }

  follow() {
    if (!this.data) return;
    const ms = this.now();
    this.find(".cq-clock").textContent = `${clock(ms)} / ${clock(this.data.durationMs)}`;
    this.drawWave();
    let current = null;
    for (const node of this.root.querySelectorAll(".cq-turn")) {
      const inside = ms >= Number(node.dataset.start) && ms < Number(node.dataset.end);
      if (node.classList.contains("now") !== inside) node.classList.toggle("now", inside);
      if (inside) current = node;
    }
    for (const word of this.root.querySelectorAll(".cq-word.spoken")) word.classList.remove("spoken");
    if (!current) return;
    for (const word of current.querySelectorAll(".cq-word")) {
      if (ms >= Number(word.dataset.start) && ms < Number(word.dataset.end)) word.classList.add("spoken");
    }
    if (!this.audio.paused && current !== this.lastTurn) this.scrollTo(current, this.find(".cq-turns"));
    this.lastTurn = current;
  }

  scrollTo(node, pane) {
    const top = node.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop || top > pane.scrollTop + pane.clientHeight - 80) pane.scrollTop = top - 80;
  }

  drawBar() {
    const buttons = { toggle: this.audio.paused ? "play" : "pause", back: "back", forward: "forward" };
    for (const [name, label] of Object.entries(buttons)) {
      this.find(`[data-do="${name}"]`).textContent = this.text ? this.text[label] : "";
    }
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = this.text[node.dataset.text];
    const speed = this.find(".cq-speed");
    speed.replaceChildren(...SPEEDS.map((rate) => this.speedButton(rate)));
    this.find(".cq-legend").replaceChildren(...this.data.legend.map((item) => {
      const entry = make("span");
      const swatch = make("i");
      swatch.style.background = item.colour;
      entry.append(swatch, item.label);
      return entry;
    }));
    this.find(".cq-keys").textContent = this.text.keys;
    this.canvas.setAttribute("aria-label", this.text.timeline);
  }

  speedButton(rate) {
    const button = make("button", "", `${rate}×`);
    button.setAttribute("aria-pressed", String(this.audio.playbackRate === rate));
    button.onclick = () => { this.audio.playbackRate = rate; this.drawBar(); };
    return button;
  }

  msAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * this.data.durationMs;
  }

  showTip(event) {
    const tip = this.find(".cq-tip");
    const ms = this.msAt(event);
    const mark = this.data.marks.find((item) => ms >= item.startMs && ms < item.endMs && item.label);
    tip.textContent = mark ? `${clock(ms)} ${mark.label}` : clock(ms);
    tip.hidden = false;
    tip.style.left = `${Math.min(event.offsetX + 8, this.canvas.clientWidth - tip.offsetWidth - 4)}px`;
  }

  drawWave() {
    const { canvas, data } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!width) return;
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const x = (ms) => (ms / Math.max(1, data.durationMs)) * width;
    for (const mark of data.marks) {
      if (!mark.colour || mark.point) continue;
      pen.fillStyle = mark.colour;
      pen.globalAlpha = 0.22;
      pen.fillRect(x(mark.startMs), 0, Math.max(2, x(mark.endMs) - x(mark.startMs)), height);
    }
    pen.globalAlpha = 1;
    const lane = (height - 14) / Math.max(1, data.lanes.length);
    data.lanes.forEach((item, index) => this.drawLane(pen, item, 12 + index * lane, lane, width));
    for (const mark of data.marks.filter((item) => item.point)) {
      pen.fillStyle = mark.colour;
      const left = x(mark.startMs);
      pen.beginPath();
      pen.moveTo(left - 4, 0); pen.lineTo(left + 4, 0); pen.lineTo(left, 9);
      pen.fill();
    }
    pen.fillStyle = getComputedStyle(this.root).color;
    pen.fillRect(x(this.now()), 0, 1.5, height);
  }

  drawLane(pen, lane, top, height, width) {
    const middle = top + height / 2;
    const step = width / Math.max(1, lane.peaks.length);
    pen.fillStyle = lane.colour;
    lane.peaks.forEach((peak, index) => {
      const tall = Math.max(1, peak * (height - 4));
      pen.fillRect(index * step, middle - tall / 2, Math.max(0.6, step - 0.4), tall);
    });
    pen.font = "11px sans-serif";
    pen.fillText(lane.label, 4, top + 9);
  }

  drawTurns() {
    const pane = this.find(".cq-turns");
    const rows = this.data.turns.map((turn) => this.turnRow(turn));
    pane.replaceChildren(...(rows.length ? rows : [make("p", "cq-none", this.text.noTurns)]));
  }

  turnRow(turn) {
    if (turn.event) return make("div", "cq-event", turn.event);
    const row = make("div", `cq-turn ${turn.role}`);
    row.dataset.start = turn.startMs;
    row.dataset.end = turn.endMs;
    row.turn = turn;
    const body = make("div");
    body.append(make("span", "cq-who", turn.who));
    if (turn.low) body.append(make("span", "cq-low", this.text.lowConfidence));
    const line = make("div");
    line.append(...this.words(turn));
    body.append(line);
    row.append(make("time", "", clock(turn.startMs)), body);
    row.onclick = () => this.play(turn.startMs, null);
    return row;
  }

  words(turn) {
    // Pieces are cut by the server where words and evidence begin and end.
    return turn.pieces.map((piece) => {
      const word = make("span", piece.startMs === undefined ? "" : "cq-word", piece.text);
      if (piece.startMs !== undefined) { word.dataset.start = piece.startMs; word.dataset.end = piece.endMs; }
      if (!piece.tone) return word;
      const mark = make("mark", piece.tone);
      mark.title = piece.title || "";
      mark.append(word);
      return mark;
    });
  }

  drawCard() {
    const pane = this.find(".cq-card");
    const keepTop = pane.scrollTop;
    this.rows = [];
    const parts = [...this.cardHead()];
    for (const section of this.data.sections) {
      const head = make("div", "cq-section");
      head.append(make("span", "", section.name), make("span", "", section.score));
      parts.push(head, ...section.criteria.map((criterion) => this.criterionRow(criterion)));
    }
    pane.replaceChildren(...(parts.length ? parts : [make("p", "cq-none", this.text.noScore)]));
    pane.scrollTop = keepTop;
  }

  cardHead() { return []; }

  criterionRow(criterion) {
    const row = make("details", `cq-crit ${criterion.outcome}`);
    row.open = criterion.open;
    row.criterion = criterion;
    row.head = make("summary");
    const name = make("span", "cq-name", `${criterion.id} ${criterion.name}`);
    if (criterion.open) name.append(make("span", "cq-flag", this.text.review));
    if (criterion.trust) name.append(make("span", "cq-flag cq-soft", criterion.trust));
    const dot = make("span", "cq-dot", GLYPH[criterion.outcome] ?? "!");
    dot.title = criterion.outcomeLabel;
    row.nameNode = name;
    row.dot = dot;
    row.head.append(dot, name, make("span", "cq-points", criterion.points));
    row.body = make("div", "cq-body");
    row.body.append(make("div", "", criterion.reason));
    if (criterion.measured.length) row.body.append(make("div", "cq-measured", criterion.measured.join(" · ")));
    for (const evidence of criterion.evidence) row.body.append(this.chip(evidence));
    row.append(row.head, row.body);
    this.rows.push(row);
    return row;
  }

  chip(evidence) {
    const label = evidence.quote ? `▶ ${clock(evidence.startMs)} “${evidence.quote}”` : `▶ ${clock(evidence.startMs)}–${clock(evidence.endMs)}`;
    const chip = make("button", "cq-chip", label);
    chip.title = evidence.title;
    chip.onclick = (event) => { event.stopPropagation(); this.playClip(evidence, chip); };
    return chip;
  }

  choose(index) {
    if (!this.rows.length) return;
    const left = this.rows[this.chosen];
    if (left && !left.criterion.open) left.open = false;
    this.chosen = (index + this.rows.length) % this.rows.length;
    this.rows.forEach((row, at) => row.classList.toggle("chosen", at === this.chosen));
    const row = this.rows[this.chosen];
    row.open = true;
    this.scrollTo(row, this.find(".cq-card"));
  }

  playEvidence() {
    const row = this.rows[this.chosen];
    if (!row || !row.criterion.evidence.length) return;
    row.heard = ((row.heard ?? -1) + 1) % row.criterion.evidence.length;
    this.playClip(row.criterion.evidence[row.heard], row.querySelectorAll(".cq-chip")[row.heard]);
  }

  close() {
    this.stopped = true;
    this.audio.pause();
    this.resizer.disconnect();
    window.removeEventListener("keydown", this.onKey, true);
  }
}
