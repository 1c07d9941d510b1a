// Small forms inside the player: numbered choices, comments, a turn to correct. Keys first.

const numbered = (title, choices, done, cancel, texts) => {
  const box = make("div", "cq-form");
  box.append(make("div", "cq-form-title", title));
  choices.forEach((choice, at) => {
    const button = make("button", "cq-btn");
    button.append(make("kbd", "", String(at + 1)), choice.label);
    button.onclick = (event) => { event.stopPropagation(); done(choice.id); };
    box.append(button);
  });
  box.append(cancelButton(cancel, texts));
  box.keys = Object.fromEntries(choices.map((choice, at) => [String(at + 1), () => done(choice.id)]));
  box.keys.Escape = cancel;
  return box;
};

const cancelButton = (cancel, texts) => {
  const button = make("button", "cq-btn cq-quiet");
  button.append(make("kbd", "", "Esc"), texts.cancel);
  button.onclick = (event) => { event.stopPropagation(); cancel(); };
  return button;
};

const writing = (value, rows, done, cancel, texts) => {
  const box = make("div", "cq-form");
  const area = make("textarea", "cq-area");
  area.value = value;
  area.rows = rows;
  const save = make("button", "cq-btn cq-main");
  save.append(make("kbd", "", "↵"), texts.save);
  save.onclick = (event) => { event.stopPropagation(); done(area.value); };
  area.onkeydown = (event) => {
    if (event.key === "Escape") { event.preventDefault(); cancel(); }
    // while an input method composes Chinese, Enter only chooses the word
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); done(area.value); }
    event.stopPropagation();
  };
  box.onclick = (event) => event.stopPropagation();
  box.append(area, save, cancelButton(cancel, texts));
  box.area = area;
  box.keys = { Escape: cancel };
  return box;
};

const turnForm = (turn, roles, done, cancel, texts) => {
  let role = turn.role;
  const box = writing(turn.text, 3, (text) => done(text, role), cancel, texts);
  const sides = make("div", "cq-sides");
  sides.append(make("span", "cq-form-title", texts.speaker));
  for (const side of roles) {
    const button = make("button", "cq-btn", side.label);
    button.setAttribute("aria-pressed", String(side.id === role));
    button.onclick = () => {
      role = side.id;
      for (const other of sides.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    };
    sides.append(button);
  }
  box.prepend(sides);
  return box;
};
