// A list to work through: arrows or J/K move, Enter opens. Text is only ever set as textContent.

const cell = (tag, cls, text) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.textContent = text;
  return node;
};

const lists = new WeakMap();

const rowOf = (item, open) => {
  const row = cell("button", `wl-row${item.isLate ? " late" : ""}`);
  row.type = "button";
  const name = cell("span", "wl-name");
  name.append(cell("b", "", item.name), cell("small", "", item.where));
  const why = cell("span", "wl-why");
  why.append(...item.why.map((text) => cell("i", "", text)));
  const score = cell("span", "wl-score");
  score.append(cell("b", "", item.score), cell("small", "", item.scoredBy));
  row.append(cell("span", "wl-due", item.due), name, why, cell("span", "wl-number", item.length), cell("span", "wl-number", item.left), score);
  row.onclick = () => open(item.id);
  return row;
};

const step = (root, by) => {
  const rows = [...root.querySelectorAll(".wl-row")];
  if (!rows.length) return;
  const at = rows.indexOf(root.querySelector(".wl-row:focus"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
};

const onKey = (root) => (event) => {
  const target = event.composedPath()[0];
  if (event.ctrlKey || event.metaKey || event.altKey || !target.matches) return;
  if (target.matches("input, textarea, select") || target.closest("[role='dialog'], [role='listbox']")) return;
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  step(root, by);
};

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".wl");
  if (!lists.has(root)) {
    const listener = onKey(root);
    window.addEventListener("keydown", listener, true);
    lists.set(root, listener);
  }
  const head = cell("div", "wl-head");
  head.append(...data.head.map((text) => cell("span", "", text)));
  const focused = [...root.querySelectorAll(".wl-row")].indexOf(root.querySelector(".wl-row:focus"));
  const rows = data.rows.map((item) => rowOf(item, (id) => setTriggerValue("open", id)));
  root.replaceChildren(head, ...rows, cell("p", "wl-keys", data.keys));
  if (rows.length && focused >= 0) rows[Math.min(focused, rows.length - 1)].focus();
  return () => {
    window.removeEventListener("keydown", lists.get(root), true);
    lists.delete(root);
  };
}
