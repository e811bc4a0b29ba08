// Shows the few ipywidgets that the book uses (boxes, a stack of pictures, labels, a slider and
// the links between them) from the state that is stored in the page: no kernel, no network. What
// only Python could answer is greyed out.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const stored = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
  if (!stored) return;
  const models = JSON.parse(stored.textContent).state;
  const id = (reference) => reference.replace("IPY_MODEL_", "");
  const listeners = {}; // "model id, attribute" -> functions to call with a new value

  const on = (key, listener) => (listeners[key] = listeners[key] || []).push(listener);
  const set = (model, attribute, value) => {
    if (models[model].state[attribute] === value) return;
    models[model].state[attribute] = value;
    (listeners[[model, attribute]] || []).forEach((listener) => listener(value));
  };

  const views = {
    VBoxModel: (model, state) => box(state, "column"),
    HBoxModel: (model, state) => box(state, "row"),
    StackModel: (model, state) => {
      const element = box(state, "column");
      const show = (index) => [...element.children].forEach((child, i) => (child.hidden = i !== index));
      on([model, "selected_index"], show);
      show(state.selected_index);
      return element;
    },
    ImageModel: (model, state) => {
      const element = document.createElement("img");
      const bytes = models[model].buffers.find((buffer) => buffer.path[0] === "value");
      element.src = `data:image/${state.format};base64,${bytes.data}`;
      element.alt = state.tooltip || "";
      element.style.maxWidth = "100%";
      return element;
    },
    LabelModel: (model, state) => {
      const element = document.createElement("span");
      element.textContent = state.value;
      return element;
    },
    IntSliderModel: (model, state) => {
      const element = document.createElement("label");
      const input = document.createElement("input");
      Object.assign(input, { type: "range", min: state.min, max: state.max, step: state.step });
      input.value = state.value;
      input.style.width = "100%";
      input.disabled = !alive.has(model);
      input.addEventListener("input", () => set(model, "value", Number(input.value)));
      on([model, "value"], (value) => (input.value = value));
      // One that needs Python stands still: its value tells what the picture shows.
      element.append(state.description + (input.disabled ? ` ${state.value}` : ""), input);
      return element;
    },
    DropdownModel: (model, state) => {
      const element = document.createElement("label");
      const choice = document.createElement("select");
      choice.append(new Option(state._options_labels[state.index]));
      choice.disabled = true;
      element.append(state.description, " ", choice);
      return element;
    },
    PlayModel: () => document.createElement("span"), // nothing to play without Python
  };

  function box(state, direction) {
    const element = document.createElement("div");
    element.style.flexDirection = direction;
    element.className = "book-widget-box";
    element.append(...state.children.map((child) => view(id(child))));
    return element;
  }

  function view(model) {
    const { model_name: name, state } = models[model];
    if (views[name]) return views[name](model, state);
    const element = document.createElement("em");
    element.textContent = "(This control works only when the page runs in Jupyter.)";
    return element;
  }

  const alive = new Set(); // the sliders that choose a picture of a stack
  for (const { model_name: name, state } of Object.values(models)) {
    if (name !== "LinkModel" && name !== "DirectionalLinkModel") continue;
    const [source, target] = [state.source, state.target].map(([of, attribute]) => [id(of), attribute]);
    if (models[target[0]].model_name === "StackModel") alive.add(source[0]);
    on(source, (value) => set(...target, value));
    if (name === "LinkModel") on(target, (value) => set(...source, value));
  }
  for (const place of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
    place.after(view(JSON.parse(place.textContent).model_id));
  }
});
