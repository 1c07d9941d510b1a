// Reviewing in the player: decisions by single keys, saved at once, shown at once.
// Everything done goes into a queue that Python acknowledges; nothing is lost while a page is slow.

const IDLE_MS = 60000;
const SURE_MS = 4000;
const OVERRULED = (kind, criterion) =>
  kind === "reject" ? criterion.outcome === "suspected" : criterion.outcome !== "not_evaluable";

class ReviewPlayer extends CallPlayer {
  constructor(root, setState) {
    super(root, () => {});
    this.setState = setState;
    this.me = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.n = 0;
    this.queue = [];
    this.spent = 0;
    this.touched = Date.now();
    this.onTouch = () => { this.touched = Date.now(); };
    for (const kind of ["keydown", "pointerdown", "wheel"]) window.addEventListener(kind, this.onTouch, true);
    this.timer = setInterval(() => this.second(), 1000);
  }

  get review() { return this.data.review || {}; }
  get can() { return Boolean(this.review.canReview); }

  load(data) {
    const other = !this.data || this.data.callId !== data.callId;
    if (other) { this.spent = 0; this.form = null; this.queue = []; this.saving = {}; }
    const known = (data.review && data.review.ack && data.review.ack[this.me]) || 0;
    this.queue = this.queue.filter((event) => event.n > known);
    this.saving = Object.fromEntries(this.queue.filter((event) => event.subject).map((event) => [event.subject, true]));
    const at = this.rows && this.rows[this.chosen] ? this.rows[this.chosen].criterion.id : null;
    super.load(data);
    if (at && !other) this.chooseId(at);
    this.drawBanner();
    this.drawReviewBar();
    this.drawForm();
  }

  chooseId(id) {
    this.chosen = this.rows.findIndex((row) => row.criterion.id === id);
    if (this.chosen < 0) return;
    this.rows[this.chosen].classList.add("chosen");
    this.rows[this.chosen].open = true;
  }

  emit(event) {
    this.n += 1;
    this.queue.push({ ...event, player: this.me, n: this.n });
    this.setState("queue", this.queue.slice());
  }

  // --- time -------------------------------------------------------------------------------------

  second() {
    if (!this.data || !this.can) return;
    const busy = !this.audio.paused || Date.now() - this.touched < IDLE_MS;
    if (busy && !document.hidden) this.spent += 1000;
    const node = this.find(".cq-timer");
    if (node) node.textContent = clock(this.spent);
  }

  // --- keys -------------------------------------------------------------------------------------

  keys() {
    if (this.form && this.form.keys) return { ...super.keys(), ...this.form.keys };
    const move = this.review.canReview || this.review.canAgain || this.data.review.of;
    return {
      ...super.keys(),
      ...(this.can ? {
        a: () => this.decide(this.row && this.row.criterion.isFinding ? "confirm" : "accept"),
        x: () => this.decide(this.row && this.row.criterion.isFinding ? "reject" : "change"),
        n: () => this.decide("not_applicable"),
        c: () => this.decide("comment"),
        A: () => this.emit({ do: "accept_rest" }),
        s: () => this.submit(),
        t: () => this.editTurn(this.lastTurn || this.root.querySelector(".cq-turn")),
        w: () => this.swap(),
      } : {}),
      ...(move ? { "]": () => this.emit({ do: "move", to: "next" }), "[": () => this.emit({ do: "move", to: "previous" }) } : {}),
      "?": () => this.toggleHelp(),
      Escape: () => { this.find(".cq-help").hidden = true; },
    };
  }

  get row() { return this.rows[this.chosen]; }

  submit() { this.emit({ do: "submit", activeMs: this.spent }); }

  swap() {
    const button = this.find('[data-review="swap"]');
    if (!button) return;
    if (Date.now() - (this.sureAt || 0) < SURE_MS) {
      this.sureAt = 0;
      this.busy(button);
      this.emit({ do: "swap" });
      return;
    }
    this.sureAt = Date.now();
    button.lastChild.textContent = this.words_.swap_sure;
    setTimeout(() => { if (button.isConnected && !button.disabled) button.lastChild.textContent = this.words_.swap; }, SURE_MS);
  }

  busy(button) { button.disabled = true; button.lastChild.textContent = this.words_.saving; }

  get words_() { return this.review.text; }

  // --- deciding ---------------------------------------------------------------------------------

  decide(kind) {
    if (!this.can) return;
    if (!this.row) this.choose(0);
    const criterion = this.row.criterion;
    if (criterion.isFinding && ["not_applicable"].includes(kind)) return;
    const id = criterion.id;
    if (kind === "comment") { this.ask({ id, stage: "comment", kind }); return; }
    if (kind === "change") { this.ask({ id, stage: "outcome", kind }); return; }
    if (kind === "not_applicable" && criterion.outcome === "not_applicable") kind = "accept";
    if (["not_applicable", "reject"].includes(kind) && OVERRULED(kind, criterion)) { this.ask({ id, stage: "cause", kind }); return; }
    this.save({ id, kind });
  }

  ask(form) { this.form = form; this.drawForm(); }

  stop() { this.form = null; this.drawForm(); }

  save({ id, kind, outcome, cause, comment }) {
    const known = this.review.subjects[id] || { version: 0 };
    this.form = null;
    this.saving[id] = true;
    this.emit({ do: "decide", subject: id, kind, outcome, cause, comment, seen: known.version });
    const row = this.rows.find((item) => item.criterion.id === id);
    if (row) { row.classList.add("saving"); row.flags.textContent = this.words_.saving; }
    this.drawForm();
    if (kind !== "comment") this.nextWaiting(id);
  }

  nextWaiting(id) {
    const from = this.rows.findIndex((row) => row.criterion.id === id);
    const count = this.rows.length;
    for (let step = 1; step < count; step += 1) {
      const at = (from + step) % count;
      const name = this.rows[at].criterion.id;
      if (this.review.waiting.includes(name) && !this.saving[name]) { this.choose(at); return; }
    }
    this.choose(from);
  }

  drawForm() {
    for (const old of this.root.querySelectorAll(".cq-form")) old.remove();
    if (!this.form || !this.can) { this.form = null; return; }
    const form = this.form;
    if (form.stage === "turn") { this.drawTurnForm(form); return; }
    const row = this.rows.find((item) => item.criterion.id === form.id);
    if (!row) { this.form = null; return; }
    const box = this.formOf(form, row.criterion);
    form.keys = box.keys;
    row.open = true;
    row.body.append(box);
    if (box.area) box.area.focus();
    this.scrollTo(row, this.find(".cq-card"));
  }

  formOf(form, criterion) {
    const texts = this.words_;
    const cancel = () => this.stop();
    if (form.stage === "comment") {
      const box = writing("", 2, (comment) => comment.trim() ? this.save({ ...form, comment }) : this.stop(), cancel, texts);
      box.area.placeholder = texts.comment_hint;
      return box;
    }
    if (form.stage === "cause") {
      return numbered(texts.choose_cause, this.review.causes, (cause) => this.save({ ...form, cause }), cancel, texts);
    }
    const choices = this.review.outcomes.filter((item) => item.id !== criterion.outcome);
    const chosen = (outcome) => criterion.outcome === "not_evaluable"
      ? this.save({ ...form, outcome })
      : this.ask({ ...form, stage: "cause", outcome });
    return numbered(texts.choose_outcome, choices, chosen, cancel, texts);
  }

  // --- correcting a turn ------------------------------------------------------------------------

  editTurn(node) {
    if (!this.can || !node || !node.turn) return;
    this.audio.pause();
    this.ask({ stage: "turn", index: node.turn.index });
  }

  drawTurnForm(form) {
    const node = [...this.root.querySelectorAll(".cq-turn")].find((item) => item.turn.index === form.index);
    if (!node) { this.form = null; return; }
    const done = (text, role) => {
      if (text.trim() === node.turn.text && role === node.turn.role) { this.stop(); return; }
      this.form = null;
      this.emit({ do: "edit", turn: form.index, text, role });
      for (const old of this.root.querySelectorAll(".cq-form")) old.replaceWith(make("span", "cq-flag", this.words_.saving));
    };
    const box = turnForm(node.turn, this.review.roles, done, () => this.stop(), this.words_);
    form.keys = box.keys;
    node.lastChild.append(box);
    this.scrollTo(node, this.find(".cq-turns"));
    box.area.focus();
  }

  turnRow(turn) {
    const row = super.turnRow(turn);
    if (!this.can || turn.event) return row;
    const edit = make("button", "cq-btn cq-edit", this.words_.edit);
    edit.onclick = (event) => { event.stopPropagation(); this.editTurn(row); };
    row.lastChild.prepend(edit);
    return row;
  }

  // --- the card ---------------------------------------------------------------------------------

  cardHead() {
    const findings = this.review.findings || [];
    if (!findings.length) return [];
    const head = make("div", "cq-section cq-alarm");
    head.append(make("span", "", this.words_.auto_fails));
    return [head, ...findings.map((item) => this.criterionRow({ ...item, open: true }))];
  }

  criterionRow(criterion) {
    const said = this.review.subjects && this.review.subjects[criterion.id];
    const open = criterion.open && !(said && said.isDecided);
    const row = super.criterionRow({ ...criterion, open });
    row.flags = make("span", "cq-said");
    row.nameNode.append(row.flags);
    if (!said) return row;
    if (said.isDecided) this.markDecided(row, criterion, said);
    if (this.saving[criterion.id]) { row.classList.add("saving"); row.flags.textContent = this.words_.saving; }
    for (const item of said.said) row.body.append(this.opinion(item));
    if (this.can) row.body.append(this.buttons(criterion));
    return row;
  }

  markDecided(row, criterion, said) {
    row.classList.add("decided");
    row.nameNode.append(make("span", "cq-flag cq-ok", this.verdictOf(said, criterion)));
    if (said.isConflict) row.nameNode.append(make("span", "cq-flag cq-clash", this.words_.conflict));
    if (said.outcome === criterion.outcome || criterion.isFinding) return;
    // the machine's own verdict stays in sight, struck through
    const now = make("span", `cq-dot cq-now ${said.outcome}`, GLYPH[said.outcome]);
    row.dot.classList.add("cq-was");
    row.dot.after(now);
    row.head.classList.add("both");
  }

  verdictOf(said, criterion) {
    const counts = said.said.find((item) => item.counts);
    return criterion.isFinding && counts ? counts.what : this.words_.done;
  }

  opinion(item) {
    const line = make("div", `cq-opinion${item.counts ? " counts" : ""}`);
    line.append(make("b", "", item.who), ` ${item.what}`);
    if (item.note) line.append(make("q", "", item.note));
    return line;
  }

  buttons(criterion) {
    const bar = make("div", "cq-verdict");
    const kinds = criterion.isFinding
      ? [["a", "confirm"], ["x", "reject"], ["c", "comment"]]
      : [["a", "accept"], ["x", "change"], ["n", "not_applicable"], ["c", "comment"]];
    for (const [key, kind] of kinds) {
      const button = make("button", "cq-btn");
      button.append(make("kbd", "", key.toUpperCase()), this.words_[kind]);
      button.onclick = () => { this.chooseRow(criterion.id); this.decide(kind); };
      bar.append(button);
    }
    return bar;
  }

  chooseRow(id) { this.choose(this.rows.findIndex((row) => row.criterion.id === id)); }

  // --- above the card ---------------------------------------------------------------------------

  drawReviewBar() {
    const bar = this.find(".cq-review");
    const { review } = this;
    bar.hidden = !review.text;
    if (bar.hidden) return;
    const left = review.waiting.filter((name) => !this.saving[name]).length;
    const score = make("span", "cq-score");
    score.append(make("small", "", review.text.machine), make("b", "", review.machine));
    const parts = [score];
    if (review.isChanged) {
      const after = make("span", "cq-score cq-after");
      after.append(make("small", "", review.text.after_review), make("b", "", review.after));
      parts.push("→", after);
    }
    parts.push(make("span", "cq-left", left ? `${left} ${review.text.waiting}` : review.text.nothing_waits));
    if (review.why) parts.push(make("span", "cq-flag", review.why));
    parts.push(make("span", "cq-grow"));
    if (this.can) {
      const time = make("span", "cq-timer", clock(this.spent));
      time.title = review.text.time;
      parts.push(time, this.tool("W", "swap", () => this.swap()), this.tool("⇧A", "accept_rest", () => this.emit({ do: "accept_rest" })),
        this.tool("S", "submit", () => this.submit(), "cq-main"));
    } else if (review.canAgain) {
      parts.push(make("span", "cq-flag cq-ok", `${review.text.submitted} ${clock(review.activeMs)}`), this.tool("", "again", () => this.emit({ do: "again" })));
    }
    if (review.of > 1) parts.push(make("span", "cq-place", review.position), this.tool("]", "next", () => this.emit({ do: "move", to: "next" })));
    parts.push(this.tool("?", "help", () => this.toggleHelp()));
    bar.replaceChildren(...parts);
  }

  tool(key, name, action, cls = "") {
    const button = make("button", `cq-btn ${cls}`);
    if (key) button.append(make("kbd", "", key));
    button.append(make("span", "", this.words_[name]));
    button.dataset.review = name;
    button.title = name === "accept_rest" ? this.words_.rest_hint : "";
    button.onclick = action;
    return button;
  }

  drawBanner() {
    const box = this.find(".cq-banner");
    const { review } = this;
    const parts = (review.notices || []).map((item) => make("div", `cq-notice ${item.tone}`, item.text));
    if (review.diff) {
      const diff = make("div", "cq-notice cq-diff");
      const close = make("button", "cq-btn cq-quiet", review.text.dismiss);
      close.onclick = () => { diff.remove(); this.emit({ do: "dismiss" }); };
      diff.append(make("b", "", review.diff.title), make("span", "cq-delta", review.diff.score), close);
      for (const line of review.diff.lines) diff.append(make("div", "", line));
      parts.push(diff);
    }
    box.replaceChildren(...parts);
  }

  toggleHelp() {
    const box = this.find(".cq-help");
    const t = this.review.text;
    box.hidden = !box.hidden;
    if (box.hidden || !t) return;
    const lines = [
      ["J", t.criterion_next], ["K", t.criterion_previous], ["A", `${t.accept} / ${t.confirm}`], ["X", `${t.change} / ${t.reject}`],
      ["N", t.not_applicable], ["C", t.comment], ["E", t.evidence_next], ["⇧A", t.accept_rest], ["S", t.submit],
      ["T", t.turn_edit], ["W", t.swap], ["]", t.next], ["[", t.previous], ["␣", t.play_pause], ["← →", "± 5 s"], ["?", t.help],
    ];
    box.replaceChildren(...lines.map(([key, label]) => {
      const line = make("div");
      line.append(make("kbd", "", key), label);
      return line;
    }));
  }

  close() {
    super.close();
    clearInterval(this.timer);
    for (const kind of ["keydown", "pointerdown", "wheel"]) window.removeEventListener(kind, this.onTouch, true);
  }
}

const players = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".cq");
  let player = players.get(root);
  if (!player) {
    player = new ReviewPlayer(root, setStateValue);
    players.set(root, player);
  }
  player.setState = setStateValue;
  player.load(data);
  return () => {
    player.close();
    players.delete(root);
  };
}
