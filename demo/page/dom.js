// Building blocks: elements, icons, requests, times, toasts, dialogs. Text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  send: "M3.5 11.2 20.6 3.6a.6.6 0 0 1 .8.8l-7.5 17a.6.6 0 0 1-1.1-.1l-2.2-6.7-7-2.3a.6.6 0 0 1-.1-1.1ZM10.6 14.6 21 4",
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5M8.5 21.5h7",
  attach: "m20 11.5-8.3 8.3a5.3 5.3 0 0 1-7.5-7.5l8.6-8.6a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5l7.7-7.7",
  slash: "M9.5 19.5 14.5 4.5",
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  keys: "M3 7.5A1.5 1.5 0 0 1 4.5 6h15A1.5 1.5 0 0 1 21 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5ZM7 10v.01M11 10v.01M15 10v.01M8 14h8",
  down: "m6 9.5 6 6 6-6",
  back: "m14.5 5.5-6.5 6.5 6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6v1",
  edit: "m4 20 1-4.5L16.5 4a1.8 1.8 0 0 1 2.6 0l.9.9a1.8 1.8 0 0 1 0 2.6L8.5 19ZM14.5 6l3.5 3.5",
  forward: "M14.5 6 20 11.5 14.5 17M19.5 11.5H10a6 6 0 0 0-6 6v1",
  sun: "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM12 2.5v1.5M12 20v1.5M2.5 12H4M20 12h1.5M5.3 5.3l1 1M17.7 17.7l1 1M5.3 18.7l1-1M17.7 6.3l1-1",
  moon: "M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z",
  auto: "M12 3.5a8.5 8.5 0 1 0 0 17ZM12 3.5a8.5 8.5 0 0 1 0 17",
  plus: "M12 5v14M5 12h14",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.5-3.3 3-5.2 6.5-5.2s6 1.9 6.5 5.2M16 11.3a3 3 0 1 0-1-5.8M17.5 14.5c2.3.5 3.7 2.2 4 5",
  chat: "M4 5.5h16a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-9l-4.5 3.5v-3.5H4A1.5 1.5 0 0 1 2.5 16V7A1.5 1.5 0 0 1 4 5.5Z",
  mail: "M4 5.5h16A1.5 1.5 0 0 1 21.5 7v10a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 17V7A1.5 1.5 0 0 1 4 5.5ZM3 7l9 6.5L21 7",
  phone: "M8 2.5h8A1.5 1.5 0 0 1 17.5 4v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5ZM10.5 18.5h3",
  file: "M6.5 2.5h7.5l5 5V20a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 20V4a1.5 1.5 0 0 1 1.5-1.5ZM13.5 3v5h5",
  photo: "M4.5 4.5h15A1.5 1.5 0 0 1 21 6v12a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18V6a1.5 1.5 0 0 1 1.5-1.5ZM8.5 10.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM3.5 17l5-4.5 3.5 3 4-4 5 4.5",
  pin: "M12 21.5s-7-6.2-7-11.5a7 7 0 0 1 14 0c0 5.3-7 11.5-7 11.5ZM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.7-3.7 3.5-5.7 7.5-5.7s6.8 2 7.5 5.7",
  copy: "M9 8.5h9.5A1.5 1.5 0 0 1 20 10v9.5a1.5 1.5 0 0 1-1.5 1.5H9A1.5 1.5 0 0 1 7.5 19.5V10A1.5 1.5 0 0 1 9 8.5ZM4.5 15.5A1.5 1.5 0 0 1 4 14V4.5A1.5 1.5 0 0 1 5.5 3H15",
  link: "M8 16 16.5 7.5M9.5 7h7.5v7.5",
  grow: "M14 4h6v6M20 4l-6.5 6.5M10 20H4v-6M4 20l6.5-6.5",
  shrink: "M20 10h-6V4M14 10l6.5-6.5M4 14h6v6M10 14l-6.5 6.5",
  check: "m4.5 12.5 5 5 10-11",
  trash: "M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l1 14h9l1-14M10.5 10.5v6M13.5 10.5v6",
};

export const $ = (id) => document.getElementById(id);

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "ico");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export async function api(method, path, body) {
  const options = { method };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(`/demo/api/${path}`, options);
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.detail || `The demo answered ${answer.status}`);
  return content;
}

// For event handlers: a failure is shown instead of lost.
export const tried = (action) => async (...args) => {
  try {
    return await action(...args);
  } catch (wrong) {
    toast(wrong.message || "That did not work");
    return undefined;
  }
};

let toastTimer = 0;
export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), 2500 + Math.min(text.length, 120) * 25);
}

export function dialog(title, body, buttons) {
  const box = $("dialog");
  const close = () => box.close();
  const row = buttons.map(({ label, run, main }) =>
    h("button", { type: "button", class: main ? "main" : "plain", onclick: tried(async () => { if (!run || (await run()) !== false) close(); }) }, label));
  fill(box, h("h2", { id: "dialog-title" }, title), body, h("div", { class: "dialog-buttons" }, row));
  box.setAttribute("aria-labelledby", "dialog-title");
  if (!box.open) box.showModal();
  const first = box.querySelector("input, select, .main");
  if (first) first.focus();
}

export function popup(anchor, items) {
  const box = $("popup");
  const close = () => { box.hidden = true; document.removeEventListener("pointerdown", outside, true); anchor.focus(); };
  const outside = (event) => { if (!box.contains(event.target)) { box.hidden = true; document.removeEventListener("pointerdown", outside, true); } };
  fill(box, items.map(({ label, glyph, run, danger }) =>
    h("button", { type: "button", role: "menuitem", class: danger ? "danger" : "", onclick: () => { close(); tried(run)(); } }, glyph ? icon(glyph) : null, label)));
  box.onkeydown = (event) => {
    const all = [...box.children];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") close();
    if (event.key === "ArrowDown") { event.preventDefault(); all[(at + 1) % all.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); all[(at + all.length - 1) % all.length].focus(); }
  };
  box.hidden = false;
  const place = anchor.getBoundingClientRect();
  const above = place.top > window.innerHeight / 2;
  box.style.left = `${Math.max(8, Math.min(place.left, window.innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = above ? `${place.top - box.offsetHeight - 6}px` : `${place.bottom + 6}px`;
  document.addEventListener("pointerdown", outside, true);
  box.firstElementChild.focus();
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function day(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.toLocaleDateString([], { day: "numeric", month: "long", year: days > 300 ? "numeric" : undefined });
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function avatar(name, id, extra = "") {
  const initials = name.split(/\s+/).map((word) => [...word][0] || "").slice(0, 2).join("").toUpperCase();
  return h("span", { class: `avatar tint${Math.abs(Number(id)) % 7} ${extra}`, "aria-hidden": "true" }, initials);
}

export function safeLink(url) {
  try {
    const link = new URL(url, "https://invalid.invalid");
    return ["http:", "https:", "mailto:", "tel:"].includes(link.protocol) ? link.href : null;
  } catch {
    return null;
  }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "hidden-copy" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
